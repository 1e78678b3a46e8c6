"""ISA-DiT in plain PyTorch, the twin of lib/models/isa_dit. Loads its weights by the same names."""

import torch
import torch.nn.functional as F
from torch import nn

from layers import (Attention, FeedForward, LayerNorm, Mlp, attend, rotary_table, sinusoids,
                    timestep_embedding)

TIME_CHANNELS = 256
SHARED = dict(temporal=0, isa=2, camera=4, image=5, count=6)
POINT = dict(temporal=0, isa=2, count=4)


def modulate(x, m):
    return torch.addcmul(m[0], x, m[1] + 1)


def gated(x, branch, m):
    return torch.addcmul(x, m[2], branch)


def triples(parts):
    parts = [part.unsqueeze(1).unsqueeze(1) for part in parts]
    return [parts[i : i + 3] for i in range(0, len(parts), 3)]


class Linears(nn.Module):
    """A linear layer below the name `linear`."""

    def __init__(self, dim, out):
        super().__init__()
        self.linear = nn.Linear(dim, out)

    def forward(self, x):
        return self.linear(x)


class Table(nn.Module):
    """One block's table beside a shared modulation."""

    def modulations(self, shared):
        rows = self.table.shape[0]
        mine = shared.narrow(1, 3 * self.first, rows) + self.table
        return triples([mine.select(1, row) for row in range(rows)])

    def add_table(self, dim, branches, first):
        self.table, self.first = nn.Parameter(torch.empty(3 * branches, dim)), first


class SpatialBlock(nn.Module):
    def __init__(self, dim, heads, mult):
        super().__init__()
        self.norm = LayerNorm(dim, affine=False, eps=1e-6)
        self.norm1 = Linears(dim, 6 * dim)
        self.attn = Attention(dim, heads)
        self.ff = FeedForward(dim, mult)

    def forward(self, x, time):
        B, T, L, D = x.shape
        attn, ff = triples(self.norm1(F.silu(time)).chunk(6, -1))
        h = modulate(self.norm(x), attn).reshape(B * T, L, D)
        x = gated(x, self.attn(h).reshape(B, T, L, D), attn)
        return gated(x, self.ff(modulate(self.norm(x), ff)), ff)


class TemporalBlock(Table):
    def __init__(self, dim, heads, mult, first):
        super().__init__()
        self.norm = LayerNorm(dim, affine=False, eps=1e-6)
        self.add_table(dim, 2, first)
        self.attn = Attention(dim, heads)
        self.ff = FeedForward(dim, mult)

    def forward(self, x, shared, rotary):
        B, T, L, D = x.shape
        attn, ff = self.modulations(shared)
        h = modulate(self.norm(x), attn).permute(0, 2, 1, 3).reshape(B * L, T, D)
        out = self.attn(h, rotary=rotary).reshape(B, L, T, D).permute(0, 2, 1, 3)
        x = gated(x, out, attn)
        return gated(x, self.ff(modulate(self.norm(x), ff)), ff)


class ContextBlock(Table):
    def __init__(self, dim, heads, context_dim, first):
        super().__init__()
        self.norm = LayerNorm(dim, affine=False, eps=1e-6)
        self.add_table(dim, 1, first)
        self.attn = Attention(dim, heads, context_dim)

    def forward(self, x, context, shared):
        B, T, L, D = x.shape
        (attn,) = self.modulations(shared)
        groups = context.shape[0]
        h = modulate(self.norm(x), attn).reshape(groups, B * T * L // groups, D)
        return gated(x, self.attn(h, context).reshape(B, T, L, D), attn)


class Direction(nn.Module):
    def __init__(self, dim, context_dim, width, heads):
        super().__init__()
        self.heads = heads
        self.to_q, self.to_k, self.to_v = nn.Linear(dim, width), nn.Linear(context_dim, width), nn.Linear(context_dim, width)
        self.to_out = nn.Linear(width, dim)

    def split(self, x):
        B, T, L, D = x.shape
        return x.reshape(B * T, L, self.heads, D // self.heads).permute(0, 2, 1, 3)

    def forward(self, query, key, value, mask=None):
        B, T, L, _ = query.shape
        q, k, v = self.split(self.to_q(query)), self.split(self.to_k(key)), self.split(self.to_v(value))
        return self.to_out(attend(q, k, v, mask).permute(0, 2, 1, 3).reshape(B, T, L, -1))


class IsaBlock(nn.Module):
    def __init__(self, c, symmetric):
        super().__init__()
        D, E = c["width"], c["pointWidth"]
        self.norm, self.point_norm = LayerNorm(D, False, 1e-6), LayerNorm(E, False, 1e-6)
        self.points = Table()
        Table.add_table(self, D, 2, SHARED["isa"])
        self.points.add_table(E, 2, POINT["isa"])
        self.rendering = Direction(D, E, D, c["heads"])
        self.ff = FeedForward(D, c["blockMultiplier"])
        self.reconstruction = Direction(E, D, D, c["heads"]) if symmetric else None
        if symmetric:
            self.points.ff = FeedForward(E, c["pointMultiplier"])

    def forward(self, x, p, context):
        attn, ff = Table.modulations(self, context["shared"])
        point_attn, point_ff = self.points.modulations(context["shared_points"])
        pixels, points = modulate(self.norm(x), attn), modulate(self.point_norm(p), point_attn)
        wider = x.shape[3] - p.shape[3]
        pixel_keys = pixels + (F.pad(context["pixel_ispe"], (0, wider)) if wider else context["pixel_ispe"])
        point_keys = points + context["point_ispe"]
        rendered = self.rendering(pixel_keys, point_keys, points)
        x = gated(x, rendered * context["subject"], attn)
        x = gated(x, self.ff(modulate(self.norm(x), ff)), ff)
        if self.reconstruction is not None:
            p = gated(p, self.reconstruction(point_keys, pixel_keys, pixels), point_attn)
            p = gated(p, self.points.ff(modulate(self.point_norm(p), point_ff)), point_ff)
        return x, p


class BodyTokens(nn.Module):
    def __init__(self, c):
        super().__init__()
        E = c["pointWidth"]
        self.frequencies, self.factor = c["pointFrequencies"], c["temporalFactor"]
        self.mlp = Mlp(6 * self.frequencies, E)
        self.feature = nn.Linear(c["latentChannels"], E)
        self.unseen = nn.Parameter(torch.empty(E))
        self.point = nn.Parameter(torch.empty(c["pointsPerPerson"], E))
        self.person = nn.Parameter(torch.empty(c["maxPersons"], E))
        self.pose = nn.Parameter(torch.empty(self.factor, E))

    def forward(self, i):
        B, K, P, _ = i["points"].shape
        f = self.factor
        place = self.mlp(sinusoids(i["points"], self.frequencies))
        spot = F.embedding(i["pointIndex"], self.point) + F.embedding(i["pointPerson"], self.person)
        known = i["subjectGiven"].unsqueeze(-1).unsqueeze(-1) * i["pointVisible"].unsqueeze(-1)
        spot = spot + (self.feature(i["pointFeatures"]) * known + self.unseen * (known * -1 + 1))
        tokens = (place + spot.unsqueeze(1)).reshape(B, K // f, f, P, -1)
        return (tokens + self.pose.unsqueeze(1)).reshape(B, K // f, f * P, -1)


class ClipLayer(nn.Module):
    def __init__(self, dim, hidden, heads):
        super().__init__()
        self.layer_norm1, self.layer_norm2 = LayerNorm(dim), LayerNorm(dim)
        self.self_attn = Attention(dim, heads)
        self.mlp = nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        h = self.mlp.fc1(self.layer_norm2(x))
        return x + self.mlp.fc2(h * (h * 1.702).sigmoid())


class ClipTower(nn.Module):
    def __init__(self, c):
        super().__init__()
        dim, patch = c["hiddenSize"], c["patchSize"]
        tokens = (c["imageSize"] // patch) ** 2 + 1
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.empty(dim))
        self.embeddings.patch_embedding = nn.Conv2d(3, dim, patch, patch, bias=False)
        self.embeddings.position_embedding = nn.Embedding(tokens, dim)
        self.pre_layrnorm, self.post_layernorm = LayerNorm(dim), LayerNorm(dim)
        self.encoder = nn.Module()
        layers = [ClipLayer(dim, c["intermediateSize"], c["heads"]) for _ in range(c["layers"])]
        self.encoder.layers = nn.ModuleList(layers)

    def forward(self, image):
        patches = self.embeddings.patch_embedding(image).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.embeddings.class_embedding.expand(len(image), 1, -1), patches], 1)
        x = self.pre_layrnorm(tokens + self.embeddings.position_embedding.weight)
        for layer in self.encoder.layers:
            x = layer(x)
        self.post_layernorm(x.select(1, 0))
        return x


class IsaDit(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        D, E, C, p, f = c["width"], c["pointWidth"], c["latentChannels"], c["patchSize"], c["temporalFactor"]
        layers, heads = range(c["layers"]), c["heads"]
        self.pos_embed = nn.Module()
        given = 3 if c["control"] == "isa" else 4  # normal maps
        self.pos_embed.proj = nn.Conv2d(given * C + 1, D, p, p)
        self.pos_embed.register_buffer("pos_embed", torch.empty(1, c["positionTableSize"] ** 2, D))
        self.time_text_embed = nn.Module()
        embedder = self.time_text_embed.timestep_embedder = nn.Module()
        embedder.linear_1, embedder.linear_2 = nn.Linear(TIME_CHANNELS, D), nn.Linear(D, D)
        self.shared_modulation = nn.Linear(D, 3 * SHARED["count"] * D)
        self.shared_point_modulation = nn.Linear(D, 3 * POINT["count"] * E)
        self.body_tokens = BodyTokens(c)
        self.camera_embed = nn.Linear(6 * f * c["cameraPatch"] ** 2, D)
        self.image_encoder = ClipTower(c["imageEncoder"])
        self.no_image = nn.Parameter(torch.empty(c["imageEncoder"]["hiddenSize"]))
        self.transformer_blocks = nn.ModuleList(SpatialBlock(D, heads, c["spatialMultiplier"]) for _ in layers)
        self.temporal_blocks = nn.ModuleList(
            TemporalBlock(D, heads, c["blockMultiplier"], SHARED["temporal"]) for _ in layers)
        self.point_temporal_blocks = nn.ModuleList(
            TemporalBlock(E, c["pointHeads"], c["pointMultiplier"], POINT["temporal"]) for _ in layers)
        self.isa_blocks = nn.ModuleList(IsaBlock(c, i < c["layers"] - 1) for i in layers)
        self.camera_blocks = nn.ModuleList(ContextBlock(D, heads, D, SHARED["camera"]) for _ in layers)
        self.image_blocks = nn.ModuleList(
            ContextBlock(D, heads, c["imageEncoder"]["hiddenSize"], SHARED["image"]) for _ in layers)
        self.out_norm = LayerNorm(D, affine=False, eps=1e-6)
        self.norm_out = Linears(D, 2 * D)
        self.proj_out = nn.Linear(D, p * p * C)

    def encode(self, i):
        """The parts of the conditions that no noise touches."""
        c = self.c
        B, _, T, h, w = i["background"].shape
        E, p, q = c["pointWidth"], c["patchSize"], c["cameraPatch"]
        v, u = torch.meshgrid(torch.arange(h // p), torch.arange(w // p), indexing="ij")
        grid = torch.stack([2 * (u + 0.5) / (w // p) - 1, 2 * (v + 0.5) / (h // p) - 1, 0.0 * u], -1)
        ispe = lambda x: sinusoids(x, E // 6, 32) * c["ispeScale"]
        cells = i["plucker"].reshape(B, -1, T, h // q, q, w // q, q).permute(0, 2, 3, 5, 1, 4, 6)
        given = i["subjectGiven"].reshape(-1, 1, 1)
        image = self.image_encoder(i["image"])
        return dict(
            conditions=i,
            points=self.body_tokens(i),
            point_ispe=ispe(i["pointsNdc"].reshape(B, T, -1, 3)),
            pixel_ispe=ispe(grid.reshape(-1, 3)).unsqueeze(0).unsqueeze(0),
            camera=self.camera_embed(cells.reshape(B * T, h * w // q**2, -1)),
            image=image * given + self.no_image * (given * -1 + 1),
            rotary=rotary_table(T, c["width"] // c["heads"]),
            point_rotary=rotary_table(T * c["temporalFactor"], E // c["pointHeads"]),
        )

    def positions(self, h, w):
        size = self.c["positionTableSize"]
        grid = self.pos_embed.pos_embed.reshape(size, size, -1)
        return grid.narrow(0, (size - h) // 2, h).narrow(1, (size - w) // 2, w).reshape(h * w, -1)

    def forward(self, noisy, t, encoded):
        c, i = self.c, encoded["conditions"]
        B, C, T, h, w = noisy.shape
        p, f = c["patchSize"], c["temporalFactor"]
        embedder = self.time_text_embed.timestep_embedder
        time = embedder.linear_2(F.silu(embedder.linear_1(timestep_embedding(t * 1000, TIME_CHANNELS))))
        context = dict(
            encoded,
            shared=self.shared_modulation(F.silu(time)).reshape(B, 3 * SHARED["count"], -1),
            shared_points=self.shared_point_modulation(F.silu(time)).reshape(B, 3 * POINT["count"], -1),
            subject=i["subjectGiven"].reshape(B, 1, 1, 1),
        )
        x = self.pos_embed.proj(self.input(noisy, i)).flatten(2).transpose(1, 2) + self.positions(h // p, w // p)
        x, points = x.reshape(B, T, x.shape[1], x.shape[2]), encoded["points"]
        for layer in range(c["layers"]):
            x = self.transformer_blocks[layer](x, time)
            x = self.temporal_blocks[layer](x, context["shared"], encoded["rotary"])
            S, E = points.shape[2:]
            poses = points.reshape(B, T * f, S // f, E)
            points = self.point_temporal_blocks[layer](poses, context["shared_points"], encoded["point_rotary"])
            x, points = self.isa_blocks[layer](x, points.reshape(B, T, S, E), context)
            x = self.camera_blocks[layer](x, encoded["camera"], context["shared"])
            x = self.image_blocks[layer](x, encoded["image"], context["shared"])
        scale, shift = self.norm_out(F.silu(time)).unsqueeze(1).chunk(2, -1)
        x = self.out_norm(x) * (scale + 1).unsqueeze(1) + shift.unsqueeze(1)
        patches = self.proj_out(x).reshape(B, T, h // p, w // p, p, p, C)
        return patches.permute(0, 6, 1, 2, 4, 3, 5).reshape(B, C, T, h, w)

    def input(self, noisy, i):
        B, C, T, h, w = noisy.shape
        subject = i["subjectGiven"].reshape(B, 1, 1, 1, 1)
        reference = i["reference"].unsqueeze(2).expand(B, C, T, h, w)
        flag = i["backgroundGiven"].reshape(B, 1, 1, 1, 1).expand(B, 1, T, h, w)
        maps = [i["normals"] * subject] if "normals" in i else []
        x = torch.cat([noisy, reference * (subject * 1), i["background"], flag, *maps], 1)
        return x.permute(0, 2, 1, 3, 4).reshape(B * T, x.shape[1], h, w)
