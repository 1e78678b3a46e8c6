// B batch, C latent channels, F frames, T latent frames, f temporal factor

/**
 * The terms of VideoVAE's objective that need no other net (ISA4D eq. 1–2), and its errors.
 * @module
 */
import {
  type ImageDecoder,
  klDivergence,
  samplePosterior,
  type VideoVae,
} from "../models/video_vae/mod.ts";
import {
  abs,
  add,
  cat,
  clamp,
  detach,
  div,
  expand,
  type Generator,
  item,
  mean,
  mul,
  narrow,
  noGrad,
  randn,
  scope,
  std,
  sub,
  sum,
  type Tensor,
} from "../tensor/mod.ts";

/** Weights of the terms, and how pixels and latents are treated. */
export interface VaeLossWeights {
  /** Of the absolute error. */
  readonly absolute: number;
  /** Of the squared error beside it: it looks to the few large errors, at moving edges. */
  readonly square: number;
  /** Of the KL divergence, which is summed over the latent and divided by the video's values. */
  readonly kl: number;
  /** Of the image-decoding regularisation. */
  readonly imageDecoder: number;
  /** Pixels of the person weigh 1 + this. */
  readonly person: number;
  /**
   * Deviation of noise on latents that no encoder net makes, in their own: a DiT's latents are not
   * exact.
   */
  readonly latentNoise: number;
}

/** Videos [B,3,F,H,W] in −1..1 and masks [B,1,F,H,W] in 0..1. */
export interface VaeBatch {
  /** [B,3,F,H,W] in −1..1. */
  readonly video: Tensor;
  /** [B,1,F,H,W], 1 on the person. */
  readonly mask: Tensor;
}

/** Reconstruction, KL and image-decoding terms: their sum, and what was restored. F is 1 + f·m. */
export function vaeLoss(
  vae: VideoVae,
  { video, mask }: VaeBatch,
  { weights, generator, imageDecoder, average = (x) => x }: {
    readonly weights: VaeLossWeights;
    readonly generator: Generator;
    readonly imageDecoder?: ImageDecoder;
    /** Mean of a value over all parts of the batch. Default: there is only this one. */
    readonly average?: (x: Tensor) => Tensor;
  },
): { total: Tensor; restored: Tensor } {
  return scope(() => {
    const pixelWeights = add(mul(mask, weights.person), 1);
    const { latents, kl } = drawLatents(vae, video, weights, generator);
    const restored = vae.decodeChunk(latents);
    const error = sub(restored, video);
    const terms = [
      weightedMean(
        add(mul(abs(error), weights.absolute), mul(mul(error, error), weights.square)),
        pixelWeights,
        average,
      ),
    ];
    if (kl) terms.push(mul(kl, weights.kl * latents.numel / video.numel));
    if (imageDecoder && weights.imageDecoder > 0) {
      // The four sub-latents of latent 0 all decode frame 0.
      const f = vae.temporalFactor;
      const target = repeatFirst(video, f);
      const guess = imageDecoder.forward(latents);
      const targetWeights = repeatFirst(pixelWeights, f);
      const term = weightedMean(abs(sub(guess, target)), targetWeights, average);
      terms.push(mul(term, weights.imageDecoder));
    }
    return { total: terms.reduce((total, term) => add(total, term)), restored };
  });
}

function drawLatents(
  vae: VideoVae,
  video: Tensor,
  { latentNoise }: VaeLossWeights,
  generator: Generator,
): { latents: Tensor; kl?: Tensor } {
  if (vae.config.encoderResidual) {
    const posterior = vae.encodePosterior(video);
    return { latents: samplePosterior(posterior, generator), kl: klDivergence(posterior) };
  }
  const exact = vae.config.trainLinear
    ? vae.encodePosterior(video).mean
    : detach(noGrad(() => vae.encodePosterior(video).mean));
  if (latentNoise === 0) return { latents: exact };
  // Noise in proportion, through which the gradient goes: growing is no way to be heard.
  const deviation = std(exact, { dim: [0, 2, 3, 4], keepdim: true });
  const noise = randn([...exact.shape], { generator, device: exact.device });
  return { latents: add(exact, mul(mul(noise, deviation), latentNoise)) };
}

/** Mean over values [B,3,F,H,W] of pixels with weights [B,1,F,H,W], as in the whole batch. */
function weightedMean(
  x: Tensor,
  weights_B1FHW: Tensor,
  average: (x: Tensor) => Tensor,
): Tensor {
  const perPixel = mean(x, { dim: [1], keepdim: true });
  return div(sum(mul(perPixel, weights_B1FHW)), average(sum(weights_B1FHW)));
}

/** Frame 0 `count` times, then the others. */
function repeatFirst(x: Tensor, count: number): Tensor {
  const [B, C, , H, W] = x.shape;
  return cat([expand(narrow(x, 2, 0, 1), [B, C, count - 1, H, W]), x], 2);
}

/** Squared errors, summed, and of how many values. */
interface ErrorSum {
  sum: number;
  count: number;
}

/** Squared errors of pictures, over all values and over the persons'. */
export class PictureErrors {
  /** Over all values. */
  readonly all: ErrorSum = { sum: 0, count: 0 };
  /** Over the values of the persons' pixels. */
  readonly person: ErrorSum = { sum: 0, count: 0 };

  /**
   * Adds `made` [B,3,…] in −1..1, clipped as a file would, against `truth` of the same shape; `mask`
   * [B,1,…] is 1 on persons.
   */
  add(made: Tensor, { truth, mask }: { readonly truth: Tensor; readonly mask: Tensor }): void {
    scope(() => {
      const error = sub(clamp(made, { min: -1, max: 1 }), truth);
      const square = mul(error, error);
      this.all.sum += item(sum(square));
      this.all.count += truth.numel;
      this.person.sum += item(sum(mul(square, mask)));
      this.person.count += 3 * item(sum(mask));
    });
  }
}

/** PSNR in dB of summed squared errors of values in −1..1. */
export function psnrOf({ sum, count }: { readonly sum: number; readonly count: number }): number {
  return 10 * Math.log10(4 / (sum / count));
}
