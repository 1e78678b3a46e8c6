"""Training steps in plain PyTorch, the twin of lib/train: the loss, AdamW, clipping and averages."""

import torch


def add_noise(clean, noise, t):
    return clean + (noise - clean) * t.reshape(-1, 1, 1, 1, 1)


def dit_loss(model, i, c, draws):
    t, noise = draws
    ones = lambda *shape: torch.ones(i["latent"].shape[0]).reshape(shape) if shape else torch.ones(i["latent"].shape[0])
    conditions = dict(
        i,
        subjectGiven=i["subjectGiven"] * ones(),
        background=i["background"] * ones(-1, 1, 1, 1, 1),
        backgroundGiven=i["backgroundGiven"] * ones(),
        plucker=i["plucker"] * ones(-1, 1, 1, 1, 1),
        pointVisible=i["pointVisible"] * ones(-1, 1),
    )
    predicted = model(add_noise(i["latent"], noise, t), t, model.encode(conditions))
    squared = (predicted - (noise - i["latent"])).pow(2)
    weight = i["coverage"] * c["personWeight"] + 1
    return (squared * weight).sum() / (weight.sum() * i["latent"].shape[1])


def dit_draws(i, spec, step):
    shift, draws = spec["config"]["flowShift"], []
    for seed in spec["seeds"][step % len(spec["seeds"])]:
        own = torch.Generator().manual_seed(seed)
        t = torch.randn(1, generator=own).sigmoid()
        t = (t * shift) / (t * (shift - 1) + 1)
        draws.append((t, torch.randn([1, *i["latent"].shape[1:]], generator=own)))
    return torch.cat([t for t, _ in draws]), torch.cat([noise for _, noise in draws])


def weighted_mean(x, weights):
    return (x.mean([1], keepdim=True) * weights).sum() / weights.sum()


def vae_loss(vae, i, c, draws):
    """The loss of a VideoVAE without an encoder net."""
    weights, video = c["loss"], i["video"]
    pixels = i["mask"] * weights["person"] + 1
    with torch.no_grad():
        exact = vae.posterior(video)[0]
    exact = exact.detach()
    latents = exact + draws * exact.std((0, 2, 3, 4), keepdim=True) * weights["latentNoise"]
    error = vae.frames(latents) - video
    return weighted_mean(error.abs() * weights["absolute"] + error * error * weights["square"], pixels)


def vae_draws(i, spec, step):
    B, _, frames, H, W = i["video"].shape
    shape = [B, spec["config"]["model"]["latentChannels"], 1 + (frames - 1) // 4, H // 8, W // 8]
    return torch.randn(shape, generator=torch.Generator().manual_seed(step))


class TrainingStep:
    """One step a call: forward, backward, clip, AdamW, average."""

    def __init__(self, model, inputs, spec, losses, compile):
        self.inputs, self.spec, self.config = inputs, spec, spec["config"]
        self.settings = self.config["settings"]
        self.loss, self.draws = losses
        if compile:
            self.loss = torch.compile(self.loss)
        self.model = model
        self.parameters = [p for p in model.parameters()]
        self.average = [p.detach().clone() for p in self.parameters]
        s = self.settings
        groups = [
            dict(params=[p for p in self.parameters if p.ndim > 1], weight_decay=s["weightDecay"]),
            dict(params=[p for p in self.parameters if p.ndim <= 1], weight_decay=0),
        ]
        self.optimizer = torch.optim.AdamW(groups, betas=s["betas"], eps=s["eps"], fused=True)
        self.step, self.history = 0, []

    def __call__(self):
        s = self.settings
        draws = self.draws(self.inputs, self.spec, self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = s["learningRate"] * min(1, (self.step + 1) / s["warmup"])
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=s["compute"] == "bfloat16"):
            loss = self.loss(self.model, self.inputs, self.config, draws)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, s["clipNorm"])
        self.history.append((loss.item(), norm.item()))
        self.optimizer.step()
        decay = min(s["emaDecay"], (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
        self.step += 1

    def output(self):
        return torch.tensor(self.history)
