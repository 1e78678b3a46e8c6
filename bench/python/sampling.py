"""The sampling loop in plain PyTorch, the twin of lib/pipelines/sampling/sample_latents.ts and lib/diffusion."""

import torch


def flow_times(steps, shift):
    times = [1 - i / steps for i in range(steps + 1)]
    return [shift * t / (1 + (shift - 1) * t) for t in times]


def sample_latents(model, i, job):
    """Euler steps with guidance, both branches in one batch."""
    shape = i["background"].shape
    sample = torch.randn(shape, generator=torch.Generator().manual_seed(job["seed"]))
    doubled = {name: torch.cat([value, torch.zeros_like(value) if name == "subjectGiven" else value])
               for name, value in i.items()}
    encoded = model.encode(doubled)
    times = flow_times(job["steps"], job["flowShift"])
    for now, then in zip(times, times[1:]):
        flow = model(torch.cat([sample, sample]), torch.full([2], now), encoded)
        given, without = flow.narrow(0, 0, 1), flow.narrow(0, 1, 1)
        sample = sample + (without + (given - without) * job["cfgScale"]) * (then - now)
    return sample


def pictures(video):
    """[1, 3, F, H, W] in −1..1 → bytes of rgb24 frames."""
    scaled = ((video + 1) * 127.5).clamp(0, 255).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 4, 1).contiguous()
