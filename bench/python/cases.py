"""What one run of each kind of case is."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

from isa_dit import IsaDit
from layers import plain_attention
from sampling import pictures, sample_latents
from tensors import read_tensors
from training import TrainingStep, dit_draws, dit_loss, vae_draws, vae_loss
from video_vae import VideoVae


class Case:
    """A case whose run gives a tensor."""

    def __init__(self, run):
        self.run, self.result = run, None

    def __call__(self):
        self.result = None
        self.result = self.run()

    def output(self):
        return self.result


def load(folder, compile):
    folder = Path(folder)
    spec = json.loads((folder / "spec.json").read_text())
    inputs = read_tensors(folder / "inputs.safetensors")
    return KINDS[spec["kind"]](spec, inputs, folder, compile)


def filled(model, path):
    model.load_state_dict(read_tensors(path))
    return model


def frozen(model, path, compile):
    model = filled(model, path).requires_grad_(False)
    return torch.compile(model) if compile else model


def calls(spec, inputs, folder, compile):
    x, y, row, count, op = inputs["x"], inputs["y"], inputs["row"], spec["count"], spec["op"]

    def add():
        for _ in range(count):
            out = x + x
        return out

    def view():
        for _ in range(count):
            out = y.reshape(2, 2, 4)
        return out

    def linear():
        for _ in range(count):
            out = F.linear(row, y)
        return out

    body = dict(add=add, view=view, linear=linear)[op]
    return Case(torch.no_grad()(body))


def attention(spec, inputs, folder, compile):
    attend = plain_attention if spec["plain"] else F.scaled_dot_product_attention
    attend = torch.compile(attend) if compile else attend
    q, k, v = (inputs[name].requires_grad_() for name in "qkv")

    def run():
        with torch.autocast("cpu", torch.bfloat16, enabled=q.dtype == torch.bfloat16):
            out = attend(q, k, v)
        return torch.autograd.grad(out.sum(), (q, k, v))[0]

    return Case(run)


def dit(spec, inputs, folder, compile):
    model = frozen(IsaDit(spec["config"]), folder / "weights.safetensors", False)
    bfloat16 = torch.autocast("cpu", torch.bfloat16, enabled=spec["dtype"] == "bfloat16")
    with torch.no_grad(), bfloat16:
        encoded = model.encode(inputs)
    model = torch.compile(model) if compile else model

    @torch.no_grad()
    def run():
        with torch.autocast("cpu", torch.bfloat16, enabled=spec["dtype"] == "bfloat16"):
            return model(inputs["noisy"], inputs["t"], encoded)

    return Case(run)


def vae(spec, inputs, folder, compile):
    model = frozen(VideoVae(spec["config"]), folder / "weights.safetensors", False)
    body = model.encode if spec["direction"] == "encode" else model.decode
    body = torch.compile(body) if compile else body
    return Case(torch.no_grad()(lambda: body(inputs["x"])))


def train_dit(spec, inputs, folder, compile):
    model = filled(IsaDit(spec["config"]["model"]), folder / "weights.safetensors")
    return TrainingStep(model, inputs, spec, (dit_loss, dit_draws), compile)


def train_vae(spec, inputs, folder, compile):
    model = filled(VideoVae(spec["config"]["model"]), folder / "weights.safetensors")
    return TrainingStep(model, inputs, spec, (vae_loss, vae_draws), compile)


def generate(spec, inputs, folder, compile):
    model = frozen(IsaDit(spec["dit"]), folder / "weights.safetensors", False)
    decoder = frozen(VideoVae(spec["vae"]), folder / "vae.safetensors", False)
    if compile:
        model.forward = torch.compile(model.forward)
        decoder.decode = torch.compile(decoder.decode)

    @torch.no_grad()
    def run():
        latents = sample_latents(model, inputs, spec["job"])
        return pictures(decoder.decode(latents))

    return Case(run)


def evaluate(spec, inputs, folder, compile):
    # pip install torchmetrics lightning_utilities packaging
    from torchmetrics.functional import image

    result, truth, batch = inputs["result"], inputs["truth"], spec["batch"]
    planes = lambda x: x.permute(0, 3, 1, 2).float().div(255).contiguous()

    @torch.no_grad()
    def run():
        rows = []
        for a, b in zip(result.split(batch), truth.split(batch)):
            a, b = planes(a), planes(b)
            rows.append(torch.stack([
                image.peak_signal_noise_ratio(a, b, data_range=1.0, reduction="none", dim=(1, 2, 3)),
                image.structural_similarity_index_measure(a, b, data_range=1.0, reduction="none"),
                image.multiscale_structural_similarity_index_measure(a, b, data_range=1.0, reduction="none"),
            ]))
        return torch.cat(rows, 1)

    return Case(run)


KINDS = {"calls": calls, "attention": attention, "dit": dit, "vae": vae, "train-dit": train_dit,
         "train-vae": train_vae, "generate": generate, "evaluate": evaluate}
