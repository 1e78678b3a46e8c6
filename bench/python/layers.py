"""Layers that both models share, as lib/nn has them: the same ATen operators in the same order."""

import math

import torch
import torch.nn.functional as F
from torch import nn

# lib/nn/attend.ts: up to this product of lengths, half precision is multiplied out on the CPU.
PLAIN_LIMIT = 512 * 512


def attend(q, k, v, mask=None):
    if q.dtype != torch.float32 and q.shape[2] * k.shape[2] <= PLAIN_LIMIT:
        return plain_attention(q, k, v, mask)
    return F.scaled_dot_product_attention(q, k, v, mask)


def plain_attention(q, k, v, mask=None):
    scores = (q * (1 / math.sqrt(q.shape[3]))) @ k.transpose(2, 3)
    return (scores if mask is None else scores + mask).softmax(-1) @ v


def in_float32(x, body):
    return body(x.float()).to(x.dtype)


class LayerNorm(nn.Module):
    def __init__(self, dim, affine=True, eps=1e-5):
        super().__init__()
        self.dim, self.eps = (dim,), eps
        self.weight = nn.Parameter(torch.empty(dim)) if affine else None
        self.bias = nn.Parameter(torch.empty(dim)) if affine else None

    def forward(self, x):
        return in_float32(x, lambda x: F.layer_norm(x, self.dim, self.weight, self.bias, self.eps))


class GroupNorm(nn.GroupNorm):
    def forward(self, x):
        return in_float32(x, lambda x: F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps))


class Attention(nn.Module):
    def __init__(self, dim, heads, context_dim=None):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(dim, dim)
        self.to_k = nn.Linear(context_dim or dim, dim)
        self.to_v = nn.Linear(context_dim or dim, dim)
        self.to_out = nn.ModuleList([nn.Linear(dim, dim)])

    def split(self, x):
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x, context=None, rotary=None):
        context = x if context is None else context
        q, k, v = self.split(self.to_q(x)), self.split(self.to_k(context)), self.split(self.to_v(context))
        if rotary is not None:
            q, k = rotate(q, rotary), rotate(k, rotary)
        out = attend(q, k, v).transpose(1, 2).reshape(x.shape[0], x.shape[1], -1)
        return self.to_out[0](out)


def rotary_table(length, width, theta=10000.0):
    half = width // 2
    angles = torch.arange(length, dtype=torch.float64)[:, None] * theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.cat([angles, angles], 1)
    return angles.cos().float(), angles.sin().float()


def rotate(x, table):
    def body(x):
        first, second = x.chunk(2, -1)
        return x * table[0] + torch.cat([-second, first], -1) * table[1]

    return in_float32(x, body)


class FeedForward(nn.Module):
    def __init__(self, dim, mult):
        super().__init__()
        proj = nn.Module()
        proj.proj = nn.Linear(dim, dim * mult)
        self.net = nn.ModuleList([proj, nn.Identity(), nn.Linear(dim * mult, dim)])

    def forward(self, x):
        return self.net[2](F.gelu(self.net[0].proj(x), approximate="tanh"))


class Mlp(nn.Module):
    def __init__(self, dim, out):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, out), nn.Linear(out, out)

    def forward(self, x):
        return self.fc2(F.silu(self.fc1(x)))


def timestep_embedding(t, dim):
    half = dim // 2
    frequencies = (torch.arange(half, dtype=torch.float32) * (-math.log(10000) / half)).exp()
    angles = t.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], 1)


def sinusoids(x, frequencies, highest=None):
    highest = 2 ** (frequencies - 1) if highest is None else highest
    steps = max(1, frequencies - 1)
    factors = torch.tensor([math.pi * highest ** (k / steps) for k in range(frequencies)])
    angles = x.float()[..., None] * factors
    return torch.cat([angles.sin(), angles.cos()], -1).flatten(-2)
