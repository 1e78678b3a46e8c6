"""VideoVAE in plain PyTorch, the twin of lib/models/video_vae. Loads its weights by the same names."""

import torch
import torch.nn.functional as F
from torch import nn

from layers import Attention, GroupNorm

EXACT_LOGVAR = -30.0


class FrameGroupNorm(GroupNorm):
    """Each frame by itself."""

    def forward(self, x):
        B, C, T, H, W = x.shape
        frames = x.transpose(1, 2).reshape(B * T, C, H, W)
        return super().forward(frames).reshape(B, T, C, H, W).transpose(1, 2)


class CausalConv3d(nn.Module):
    def __init__(self, inc, outc, kernel, stride=(1, 1, 1), padding=0):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outc, inc, *kernel))
        self.bias = nn.Parameter(torch.empty(outc))
        self.past, self.stride, self.padding = kernel[0] - 1, stride, (0, padding, padding)

    def forward(self, x):
        if self.past:
            B, C, _, H, W = x.shape
            x = torch.cat([x.narrow(2, 0, 1).expand(B, C, self.past, H, W), x], 2)
        return F.conv3d(x, self.weight, self.bias, self.stride, self.padding)


def conv3x3(inc, outc, time_kernel):
    return CausalConv3d(inc, outc, (time_kernel, 3, 3), padding=1)


class ResnetBlock(nn.Module):
    def __init__(self, inc, outc, groups, time_kernel):
        super().__init__()
        self.norm1, self.norm2 = FrameGroupNorm(groups, inc, 1e-6), FrameGroupNorm(groups, outc, 1e-6)
        self.conv1, self.conv2 = conv3x3(inc, outc, time_kernel), conv3x3(outc, outc, time_kernel)
        self.conv_shortcut = CausalConv3d(inc, outc, (1, 1, 1)) if inc != outc else None

    def forward(self, x):
        hidden = self.conv1(F.silu(self.norm1(x)))
        update = self.conv2(F.silu(self.norm2(hidden)))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + update


class FrameAttention(Attention):
    def __init__(self, channels, groups):
        super().__init__(channels, 1)
        self.group_norm = GroupNorm(groups, channels, 1e-6)

    def forward(self, x):
        B, C, T, H, W = x.shape
        frames = x.transpose(1, 2).reshape(B * T, C, H * W)
        update = super().forward(self.group_norm(frames).transpose(1, 2)).transpose(1, 2)
        return x + update.reshape(B, T, C, H, W).transpose(1, 2)


class Middle(nn.Module):
    def __init__(self, channels, c):
        super().__init__()
        groups, kernel = c["normGroups"], c["middleTimeKernel"]
        self.resnets = nn.ModuleList(ResnetBlock(channels, channels, groups, kernel) for _ in range(2))
        self.attentions = nn.ModuleList([FrameAttention(channels, groups)] if c["middleAttention"] else [])

    def forward(self, x):
        x = self.resnets[0](x)
        for attention in self.attentions:
            x = attention(x)
        return self.resnets[1](x)


class SpaceDown(nn.Module):
    def __init__(self, channels, time_kernel):
        super().__init__()
        self.conv = CausalConv3d(channels, channels, (time_kernel, 3, 3), (1, 2, 2))

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class SpaceUp(nn.Module):
    def __init__(self, channels, time_kernel):
        super().__init__()
        self.conv = conv3x3(channels, channels, time_kernel)

    def forward(self, x):
        T, H, W = x.shape[2:]
        return self.conv(F.interpolate(x, (T, 2 * H, 2 * W)))


class TimeDown(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, channels, 3, 1, 1))
        self.bias = nn.Parameter(torch.empty(channels))

    def forward(self, x):
        pairs = [F.conv3d(x, self.weight, self.bias, (2, 1, 1))] if x.shape[2] > 1 else []
        return torch.cat([x.narrow(2, 0, 1), *pairs], 2)


class TimeUp(CausalConv3d):
    def __init__(self, channels):
        super().__init__(channels, 2 * channels, (3, 1, 1))

    def forward(self, x):
        B, C, T, H, W = x.shape
        pairs = super().forward(x).reshape(B, 2, C, T, H, W).permute(0, 2, 3, 1, 4, 5)
        frames = pairs.reshape(B, C, 2 * T, H, W)
        return torch.cat([x.narrow(2, 0, 1), frames.narrow(2, 2, 2 * T - 2)], 2)


class Level(nn.Module):
    def __init__(self, c, level, up):
        super().__init__()
        channels, kernel = c["channels"], c["timeKernels"][level]
        outc, count = channels[level], c["blocksPerLevel"] + (1 if up else 0)
        first = channels[min(len(channels) - 1, level + 1)] if up else channels[max(0, level - 1)]
        self.resnets = nn.ModuleList(
            ResnetBlock(first if i == 0 else outc, outc, c["normGroups"], kernel) for i in range(count))
        index = level - 1 if up else level
        stage = c["stages"][index] if 0 <= index < len(c["stages"]) else dict(space=1, time=1)
        space, time = stage["space"] == 2, stage["time"] == 2
        if up:
            self.time_upsampler = TimeUp(outc) if time else None
            self.upsamplers = nn.ModuleList([SpaceUp(outc, kernel)] if space else [])
            self.after = [m for m in (self.time_upsampler, *self.upsamplers) if m is not None]
        else:
            self.downsamplers = nn.ModuleList([SpaceDown(outc, kernel)] if space else [])
            self.time_downsampler = TimeDown(outc) if time else None
            self.after = [m for m in (*self.downsamplers, self.time_downsampler) if m is not None]

    def forward(self, x):
        for block in self.resnets:
            x = block(x)
        for layer in self.after:
            x = layer(x)
        return x


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        channels, self.patch = c["channels"], c["patchSize"]
        self.conv_in = conv3x3(3 * self.patch**2, channels[0], c["timeKernels"][0])
        self.down_blocks = nn.ModuleList(Level(c, i, up=False) for i in range(len(channels)))
        self.mid_block = Middle(channels[-1], c)
        self.conv_norm_out = FrameGroupNorm(c["normGroups"], channels[-1], 1e-6)
        self.conv_out = conv3x3(channels[-1], 2 * c["latentChannels"], c["middleTimeKernel"])

    def forward(self, x):
        if self.patch > 1:
            B, C, T, H, W = x.shape
            p = self.patch
            cut = x.reshape(B, C, T, H // p, p, W // p, p).permute(0, 1, 4, 6, 2, 3, 5)
            x = cut.reshape(B, C * p * p, T, H // p, W // p)
        x = self.conv_in(x)
        for level in self.down_blocks:
            x = level(x)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))


def unpatchify(x, p):
    if p == 1:
        return x
    B, CPP, T, h, w = x.shape
    cut = x.reshape(B, CPP // (p * p), p, p, T, h, w).permute(0, 1, 4, 5, 2, 6, 3)
    return cut.reshape(B, CPP // (p * p), T, h * p, w * p)


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        channels, self.patch = c["channels"], c["patchSize"]
        self.conv_in = conv3x3(c["latentChannels"], channels[-1], c["middleTimeKernel"])
        self.mid_block = Middle(channels[-1], c)
        self.up_blocks = nn.ModuleList(Level(c, len(channels) - 1 - i, up=True) for i in range(len(channels)))
        self.conv_norm_out = FrameGroupNorm(c["normGroups"], channels[0], 1e-6)
        self.conv_out = conv3x3(channels[0], 3 * self.patch**2, c["timeKernels"][0])

    def forward(self, z):
        x = self.mid_block(self.conv_in(z))
        for level in self.up_blocks:
            x = level(x)
        return unpatchify(self.conv_out(F.silu(self.conv_norm_out(x))), self.patch)


class Pca(nn.Module):
    def __init__(self, C, f, s, lapped):
        super().__init__()
        D, reach = 3 * f * s * s, 2 if lapped else 1
        self.f, self.s, self.lapped = f, s, lapped
        shapes = dict(mean=[D], analysis=[C, 3, reach * f, reach * s, reach * s], offset=[C], synthesis=[D, C, 2, 3, 3],
                      still=[3 * s * s, C, 1, 3, 3], still_mean=[3 * s * s])
        for name, shape in shapes.items():
            self.register_buffer(name, torch.empty(shape))

    def encode(self, x):
        B, C, _, H, W = x.shape
        with torch.autocast("cpu", enabled=False):
            before = self.f - 1 + (self.f if self.lapped else 0)
            known = torch.cat([x.narrow(2, 0, 1).expand(B, C, before, H, W), x], 2)
            if self.lapped:
                known = F.pad(known, (self.s // 2,) * 4 + (0, 0), mode="replicate")
            return F.conv3d(known, self.analysis, self.offset, (self.f, self.s, self.s))

    def decode(self, z):
        with torch.autocast("cpu", enabled=False):
            still = F.conv3d(z.narrow(2, 0, 1), self.still, self.still_mean, padding=(0, 1, 1))
            later = [self.blocks(z)] if z.shape[2] > 1 else []
            return torch.cat([unpatchify(still, self.s), *later], 2)

    def blocks(self, z):
        rows = F.conv3d(z, self.synthesis, self.mean, padding=(0, 1, 1))
        B, _, n, h, w = rows.shape
        f, s = self.f, self.s
        cut = rows.reshape(B, 3, f, s, s, n, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
        return cut.reshape(B, 3, n * f, h * s, w * s)


class VideoVae(nn.Module):
    def __init__(self, c):
        super().__init__()
        C, space, time = c["latentChannels"], c["patchSize"], 1
        for stage in c["stages"]:
            space, time = space * stage["space"], time * stage["time"]
        self.pca = Pca(C, time, space, c["lapped"]) if c["skip"] == "pca" else None
        self.encoder = Encoder(c) if c["encoderResidual"] else None
        self.decoder = Decoder(c) if c["decoderResidual"] else None
        self.register_buffer("latent_shift", torch.empty(C))
        self.register_buffer("latent_scale", torch.empty(C))

    def posterior(self, x):
        linear = self.pca.encode(x) if self.pca is not None else None
        if self.encoder is None:
            return linear, torch.full_like(linear, EXACT_LOGVAR)
        mean, logvar = self.encoder(x).chunk(2, 1)
        return (mean if linear is None else linear + mean), logvar.clamp(EXACT_LOGVAR, 20)

    def frames(self, z):
        linear = self.pca.decode(z) if self.pca is not None else None
        if self.decoder is None:
            return linear
        frames = self.decoder(z)
        return frames if linear is None else linear + frames

    def encode(self, video):
        mean, _ = self.posterior(video)
        return (mean - self.latent_shift.reshape(1, -1, 1, 1, 1)) * self.latent_scale.reshape(1, -1, 1, 1, 1)

    def decode(self, latents):
        scaled = latents / self.latent_scale.reshape(1, -1, 1, 1, 1)
        return self.frames(scaled + self.latent_shift.reshape(1, -1, 1, 1, 1))
