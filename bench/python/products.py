"""A linear map in several number types: processor time relative to float32, and how near the result is.

    PYTHONPATH=.deps OMP_NUM_THREADS=1 python3 bench/python/products.py [rounds]

Printed for each shape [rows, from, to]: milliseconds in float32, then for each way its share of that
time and its signal-to-noise ratio to float32's result.
"""

import math
import statistics
import sys
import time

import torch
import torch.nn.functional as F

SHAPES = [(2560, 384, 384), (2560, 384, 1536), (2560, 1536, 384)]


def ways(x, weight, bias):
    """The same map by name; int8 weights have a scale a row."""
    narrow = [part.bfloat16() for part in (x, weight, bias)]
    scale = weight.abs().amax(1) / 127
    whole = torch.round(weight / scale[:, None]).to(torch.int8)
    torch.backends.quantized.engine = "x86"
    zeros = torch.zeros(len(weight), dtype=torch.int64)
    quantized = torch.quantize_per_channel(weight, scale, zeros, 0, torch.qint8)
    packed = torch.ops.quantized.linear_prepack(quantized, bias)
    pack_mm = torch.ops.aten._weight_int8pack_mm
    return {
        "float32": lambda: F.linear(x, weight, bias),
        "bfloat16": lambda: F.linear(*narrow),
        "bfloat16 weights, widened": lambda: F.linear(x, narrow[1].float(), narrow[2].float()),
        # Inputs in 7 bits with one scale: 8 would overflow AVX2's sums.
        "int8, dynamic": lambda: torch.ops.quantized.linear_dynamic(x, packed, True),
        "int8 weights, float32": lambda: pack_mm(x, whole, scale) + bias,
        "int8 weights, bfloat16": lambda: pack_mm(narrow[0], whole, scale.bfloat16()) + narrow[2],
    }


def measured(runs, rounds):
    """Median processor time of each, in turns, after one run that warms."""
    times = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            started = time.process_time()
            run()
            if turn > 0:
                times[name].append(time.process_time() - started)
    return {name: statistics.median(values) for name, values in times.items()}


def decibels(result, wanted):
    noise = (result.float() - wanted).square().mean().item()
    return 10 * math.log10(wanted.square().mean().item() / noise) if noise else math.inf


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")
    for rows, inner, outer in SHAPES:
        x, bias = torch.randn(rows, inner), torch.randn(outer)
        runs = ways(x, torch.randn(outer, inner) / math.sqrt(inner), bias)
        seconds, wanted = measured(runs, rounds), runs["float32"]()
        print(f"[{rows}, {inner}, {outer}] float32 {1000 * seconds['float32']:.1f} ms")
        for name, run in runs.items():
            share = seconds[name] / seconds["float32"]
            print(f"  {name:26} {share:6.2f}  {decibels(run(), wanted):5.1f} dB")


if __name__ == "__main__":
    main()
