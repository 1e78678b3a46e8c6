// B clips, F frames, N = B·F pictures, K planes of the prior, C latent channels, T latent frames

/**
 * What a VideoVAE's prior decoder learns: the true picture from the painted body, and from as much of
 * the latent as is known at the flow time at which it takes over.
 * @module
 */
import { Random } from "../../geometry/mod.ts";
import type { PerceptualDistance } from "../../models/perceptual/mod.ts";
import { priorPlanesTensor, type VideoVae } from "../../models/video_vae/mod.ts";
import {
  add,
  contiguous,
  detach,
  type Device,
  div,
  fromBytes,
  generator,
  mean,
  mul,
  narrow,
  noGrad,
  permute,
  randn,
  reshape,
  scope,
  sqrt,
  sub,
  type Tensor,
  tensor,
  to,
} from "../../tensor/mod.ts";
import type { Ranks } from "../distributed/mod.ts";
import { microBatchSeed, sampleSeed } from "../settings.ts";
import { DataMeter } from "../task_data.ts";
import type { TrainTask } from "../trainer.ts";
import type { VaeTrainConfig } from "../train_vae_config.ts";
import type { PriorBatch } from "./samples.ts";

/** A batch as tensors. */
export interface PriorTensors {
  /** The truth in −1..1, [N, 3, H, W]. */
  readonly truth: Tensor;
  /** [N, K, H, W] */
  readonly planes: Tensor;
  /** 1 on the person, [N, 1, H, W]. */
  readonly mask: Tensor;
}

/** Bytes → tensors on `device`. */
export function priorTensors(
  { video, mask, planes, shape: [B, F, H, W] }: PriorBatch,
  device: Device,
): PriorTensors {
  return scope(() => {
    const N = B * F;
    const picture = (bytes: Uint8Array<ArrayBuffer>, channels: number) => {
      const raw = to(fromBytes(bytes, { shape: [N, H, W, channels], dtype: "uint8" }), { device });
      return permute(to(raw, { dtype: "float32" }), [0, 3, 1, 2]);
    };
    return {
      truth: sub(mul(picture(video, 3), 1 / 127.5), 1),
      planes: priorPlanesTensor(planes, [N, H, W], device),
      mask: picture(mask, 1),
    };
  });
}

/** Deviation of r = E(x) − E(c) in latents of unit variance, near the body. */
const DEVIATION = 0.73;

/**
 * What latents at flow time t say of the difference to the prior, as a picture: with r ~ N(0, s²) and
 * z_t = (1 − t) z + t ε the mean of r is s² (1 − t) / v · (z_t − (1 − t) E(c)), v = (1 − t)² s² + t².
 * `truth` and `prior` are [N, 3, H, W] with the F frames of a clip one after another, `t` is one a
 * clip; gives [N, 3, H, W].
 */
export function latentGuess(
  vae: VideoVae,
  { truth, prior, frames: F, t, noise }: {
    readonly truth: Tensor;
    readonly prior: Tensor;
    readonly frames: number;
    readonly t: readonly number[];
    /** Draws ε. */
    readonly noise: (shape: readonly number[]) => Tensor;
  },
): Tensor {
  return scope(() =>
    noGrad(() => {
      const [N, , H, W] = truth.shape;
      const clip = (x: Tensor) =>
        contiguous(permute(reshape(contiguous(x), [N / F, F, 3, H, W]), [0, 2, 1, 3, 4]));
      const known = vae.encode(clip(prior));
      const r = sub(vae.encode(clip(truth)), known);
      const s2 = DEVIATION ** 2;
      const variance = t.map((t) => (1 - t) ** 2 * s2 + t ** 2);
      const per = (values: readonly number[]) =>
        tensor([...values], { shape: [t.length, 1, 1, 1, 1], device: r.device });
      const expected = add(
        mul(r, per(t.map((t, i) => s2 * (1 - t) ** 2 / variance[i]))),
        mul(noise(r.shape), per(t.map((t, i) => s2 * (1 - t) * t / variance[i]))),
      );
      const [both, alone] = [add(known, expected), known].map((z) => vae.decode(z, { frames: F }));
      return reshape(contiguous(permute(sub(both, alone), [0, 2, 1, 3, 4])), [N, 3, H, W]);
    })
  );
}

/** Where the samples come from. */
export interface PriorLoader {
  readonly ready: (step: number) => Promise<void>;
  readonly batch: (micro: number) => PriorBatch;
}

/** The task of a prior decoder's trainer: nothing else of the VideoVAE moves. */
export class PriorObjective {
  readonly #config: VaeTrainConfig;
  readonly #vae: VideoVae;
  readonly #loader: PriorLoader;
  readonly #perceptual: PerceptualDistance | undefined;
  readonly #ranks: Ranks;
  readonly #meter = new DataMeter();

  constructor(
    config: VaeTrainConfig,
    { vae, loader, perceptual, ranks }: {
      readonly vae: VideoVae;
      readonly loader: PriorLoader;
      readonly perceptual?: PerceptualDistance;
      readonly ranks: Ranks;
    },
  ) {
    this.#config = config;
    this.#vae = vae;
    this.#loader = loader;
    this.#perceptual = config.loss.perceptual > 0 ? perceptual : undefined;
    this.#ranks = ranks;
  }

  /** What the trainer takes. */
  task(): TrainTask {
    const parameters = [...this.#vae.vars.parameters()]
      .filter(([name]) => name.startsWith("prior_decoder."));
    return {
      parameters: new Map(parameters),
      config: this.#config,
      loss: (step, micro) => this.#loss(step, micro),
      data: {
        ready: (step) => this.#meter.wait(this.#loader.ready(step)),
        take: () => this.#meter.take(),
      },
    };
  }

  #loss(step: number, micro: number): Tensor {
    const { settings, loss: weights, prior: { aloneShare, relative } } = this.#config;
    const { device } = this.#vae.vars;
    const seed = microBatchSeed(settings, { step, micro });
    const bytes = this.#loader.batch(micro);
    const [B, F] = bytes.shape;
    const batch = this.#meter.measure(() => priorTensors(bytes, device));
    this.#meter.count(B * this.#ranks.world);
    const first = B * this.#ranks.rank;
    const t = Array.from({ length: B }, (_, i) => {
      const random = new Random(sampleSeed(seed, first + i)).fork("time");
      return random.float() < aloneShare ? 1 : random.float();
    });
    using random = generator(sampleSeed(seed, first), device);
    return scope(() => {
      const guess = t.every((t) => t === 1) ? undefined : latentGuess(this.#vae, {
        truth: batch.truth,
        prior: narrow(batch.planes, 1, 0, 3),
        frames: F,
        t,
        noise: (shape) => randn([...shape], { generator: random, device }),
      });
      const times = tensor(t.flatMap((t) => Array(F).fill(t)), { shape: [B * F], device });
      const made = to(
        this.#vae.priorDecoder!.forward({
          planes: batch.planes,
          guess: guess && detach(guess),
          t: times,
        }),
        { dtype: "float32" },
      );
      const perceptual = this.#perceptual;
      return priorLoss(made, batch, { weights, clips: B, relative, perceptual });
    });
  }
}

/** Squared error and perceptual distance that no share is taken of less than, in pictures −1..1. */
const LEAST = { square: 2e-3, perceptual: 0.02 } as const;

/**
 * Squared and absolute error, where the person is 1 + `person` times, and the perceptual distance, in
 * the mean of all clips. With `relative`, each clip's are shares of what the prior itself has there:
 * then the gradient is that of the clips' mean PSNR. `made` is [N, 3, H, W], N = B·F.
 */
export function priorLoss(
  made: Tensor,
  { truth, mask, planes }: PriorTensors,
  { weights, clips: B, relative, perceptual }: {
    readonly weights: Pick<
      VaeTrainConfig["loss"],
      "absolute" | "square" | "person" | "perceptual"
    >;
    /** B */
    readonly clips: number;
    readonly relative: boolean;
    readonly perceptual?: PerceptualDistance;
  },
): Tensor {
  return scope(() => {
    const perClip = (x: Tensor) => mean(reshape(contiguous(x), [B, x.numel / B]), { dim: [1] });
    const weighted = add(mul(mask, weights.person), 1);
    const errors = (picture: Tensor) => {
      const error = sub(picture, truth);
      const square = mul(error, error);
      // Charbonnier: smooth where the error is nothing.
      const size = weights.absolute > 0 ? sqrt(add(square, 1e-4)) : undefined;
      const both = size
        ? add(mul(square, weights.square), mul(size, weights.absolute))
        : mul(square, weights.square);
      return perClip(mul(both, weighted));
    };
    const share = (measure: (picture: Tensor) => Tensor, least: number) => {
      const made_B = measure(made);
      if (!relative) return mean(made_B);
      const prior_B = noGrad(() => measure(narrow(planes, 1, 0, 3)));
      return mean(div(made_B, add(prior_B, least)));
    };
    const total = share(errors, LEAST.square);
    if (!perceptual) return total;
    const distance = (picture: Tensor) => perClip(perceptual.forward(picture, truth));
    return add(total, mul(share(distance, LEAST.perceptual), weights.perceptual));
  });
}
