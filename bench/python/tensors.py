"""Safetensors files in plain PyTorch: the twin needs no package but torch."""

import json
import struct

import torch

DTYPES = {"F64": torch.float64, "F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16,
          "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8, "BOOL": torch.bool}


def read_tensors(path):
    """All tensors of a file, by name."""
    tensors = {}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            begin, end = entry["data_offsets"]
            dtype = DTYPES[entry["dtype"]]
            file.seek(8 + length + begin)
            data = bytearray(file.read(end - begin))
            flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def write_floats(path, tensor):
    """The values in float32, row by row and without a header."""
    data = tensor.detach().float().contiguous().view(-1)
    with open(path, "wb") as file:
        file.write(bytes(data.untyped_storage())[: data.numel() * 4])
