"""PyTorch's side of a measurement: one command a line on stdin, one answer a line on stdout."""

import json
import os
import sys
import time

import torch

import cases
from tensors import write_floats


def memory():
    """Bytes now and at the most, of the whole process."""
    fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return {name: int(fields[key].split()[0]) * 1024 for name, key in (("now", "VmRSS"), ("peak", "VmHWM"))}


def answer(command, state):
    match command["do"]:
        case "load":
            state["case"] = cases.load(command["folder"], command.get("compile", False))
            return {"torch": torch.__version__, "python": sys.version.split()[0], "threads": torch.get_num_threads()}
        case "run":
            started = time.perf_counter()
            state["case"]()
            return {"ms": (time.perf_counter() - started) * 1000}
        case "output":
            write_floats(command["file"], state["case"].output())
            return {}
        case "memory":
            return memory()
        case "reset-peak":
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
            return memory()
        case other:
            raise ValueError(f"no command {other!r}")


def main():
    # Libraries print to stdout; answers go to the real one alone.
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    state = {}
    while line := sys.stdin.readline():
        try:
            reply = answer(json.loads(line), state)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies)


main()
