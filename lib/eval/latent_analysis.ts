// C latent channels, F frames, T latent frames, f temporal factor, h w latent size, N rows of a probe

/**
 * What a VideoVAE's latents hold: how well each frame of a window comes back, which frames each
 * sub-latent tells about, and how near the values are to a Gaussian (ISA4D section 4 and its ablation
 * of image-decoding regularisation).
 * @module
 */
import { InputError } from "../errors.ts";
import type { Frames } from "../io/mod.ts";
import { framesToVideo, type VideoVae } from "../models/video_vae/mod.ts";
import {
  abs,
  add,
  avgPool2d,
  cat,
  clamp,
  div,
  erf,
  item,
  le,
  linspace,
  mean,
  mul,
  narrow,
  noGrad,
  ones,
  permute,
  pow,
  reshape,
  scope,
  square,
  std,
  sub,
  sum,
  type Tensor,
  to,
  toArray,
  transpose,
  unsqueeze,
} from "../tensor/mod.ts";
import { psnrOf } from "./frame_scores.ts";
import { explainedShare } from "./latent_probe.ts";

/** What {@linkcode analyseLatents} measures. */
export interface LatentAnalysis {
  readonly clips: number;
  /** dB over all frames. */
  readonly psnr: number;
  /**
   * dB by place in the window: entry 0 is the first frame, which has a latent of its own, entries
   * 1 … f are the frames of the windows after it. A last-frame bias shows as a rise towards the end.
   */
  readonly psnrByPosition: readonly number[];
  /** PSNR of the windows' last frame less the mean of the others', dB. */
  readonly lastFrameBias: number;
  /**
   * `[k][j]`: share of the variance of frame j about its window's mean that a linear map from
   * sub-latent k (channels k·C/f …) explains on clips that the map was not fitted to.
   */
  readonly subLatents: readonly (readonly number[])[];
  /** `[j]`: the same from all channels. */
  readonly allChannels: readonly number[];
  /** Distance of the values, each channel brought to mean 0 and variance 1, to a Gaussian. */
  readonly gaussian: {
    /** Mean over channels of the 1-Wasserstein distance to N(0, 1). */
    readonly wasserstein: number;
    /** Mean over channels of the fourth moment less 3. */
    readonly excessKurtosis: number;
  };
  /** Density of the values of all channels, for a figure. */
  readonly histogram: { readonly centres: readonly number[]; readonly density: readonly number[] };
}

/** Edges of the histogram, in standard deviations, and its bins. */
const RANGE = 5;
const BINS = 100;

/**
 * Measures `vae` on clips of at least 1 + f frames; a later frame that fills no window is left out.
 *
 * @throws InputError for fewer than two clips (the probe is fitted on one half of them) or a short one
 */
export function analyseLatents(vae: VideoVae, clips: readonly Frames[]): LatentAnalysis {
  const f = vae.temporalFactor;
  if (clips.length < 2) {
    throw new InputError(`${clips.length} clips: the probe is fitted on one half, 2 are the least`);
  }
  const short = clips.find(({ count }) => count < 1 + f);
  if (short) throw new InputError(`a clip of ${short.count} frames holds no window of ${f}`);
  return scope(() =>
    noGrad(() => {
      const coded = clips.map((clip) => codeClip(vae, clip));
      const latents_CN = cat(
        coded.map(({ latents }) => reshape(latents, [latents.shape[0], -1])),
        1,
      );
      const errors = coded.map(({ errors }) => errors);
      const psnrByPosition = Array.from(
        { length: f + 1 },
        (_, j) => psnrOfSigned(average(errors.map((row) => row[j]))),
      );
      const windowed = psnrByPosition.slice(1);
      const probe = (channels: (latents: Tensor) => Tensor) => probeFrames(coded, f, channels);
      const C = latents_CN.shape[0];
      return {
        clips: clips.length,
        psnr: psnrOfSigned(average(coded.map(({ error }) => error))),
        psnrByPosition,
        lastFrameBias: windowed[f - 1] - average(windowed.slice(0, -1)),
        subLatents: C % f === 0
          ? Array.from(
            { length: f },
            (_, k) => probe((latents) => narrow(latents, 0, k * C / f, C / f)),
          )
          : [],
        allChannels: probe((latents) => latents),
        ...distribution(latents_CN),
      };
    })
  );
}

interface CodedClip {
  /** [C,T,h,w]. */
  readonly latents: Tensor;
  /** Coarse frames of the windows less their window's mean, [T−1, f, 12, h·w]. */
  readonly changes: Tensor;
  /** Mean squared error by place in the window, 1 + f of them. */
  readonly errors: readonly number[];
  readonly error: number;
}

function codeClip(vae: VideoVae, clip: Frames): CodedClip {
  return scope(() => {
    const f = vae.temporalFactor;
    const windows = Math.floor((clip.count - 1) / f);
    const F = 1 + f * windows;
    const video = narrow(framesToVideo(clip, { device: vae.vars.device }), 2, 0, F);
    const z = vae.encode(video);
    const restored = clamp(vae.decode(z, { frames: F }), { min: -1, max: 1 });
    const byFrame = toArray(mean(square(sub(restored, video)), { dim: [0, 1, 3, 4] }));
    const errors = Array.from(byFrame, Number);
    const place = (j: number): number =>
      average(Array.from({ length: windows }, (_, k) => errors[1 + k * f + j]));
    return {
      latents: to(reshape(z, z.shape.slice(1)), { device: "cpu" }),
      changes: coarseChanges(narrow(video, 2, 1, F - 1), { f, s: vae.spatialFactor }),
      errors: [errors[0], ...Array.from({ length: f }, (_, j) => place(j))],
      error: average(errors),
    };
  });
}

/** Frames of whole windows [1,3,F,H,W] → 2×2 mean colours a position, less the window's mean. */
function coarseChanges(
  video: Tensor,
  { f, s }: { readonly f: number; readonly s: number },
): Tensor {
  const [, , F, H, W] = video.shape;
  const [h, w] = [H / s, W / s];
  const frames = permute(reshape(video, [3, F, H, W]), [1, 0, 2, 3]);
  const pooled = reshape(avgPool2d(frames, [s / 2, s / 2]), [F / f, f, 3, h, 2, w, 2]);
  const values = reshape(permute(pooled, [0, 1, 2, 4, 6, 3, 5]), [F / f, f, 12, h * w]);
  return to(sub(values, mean(values, { dim: [1], keepdim: true })), { device: "cpu" });
}

/** For each frame of the window, what a linear map from some channels explains of its change. */
function probeFrames(
  coded: readonly CodedClip[],
  f: number,
  channels: (latents: Tensor) => Tensor,
): number[] {
  return scope(() => {
    const rows = ({ latents }: CodedClip): Tensor => {
      const chosen = channels(latents);
      const [c, T, h, w] = chosen.shape;
      const later = reshape(narrow(chosen, 1, 1, T - 1), [c, (T - 1) * h * w]);
      return cat([transpose(later, 0, 1), ones([(T - 1) * h * w, 1])], 1);
    };
    const targets = ({ changes }: CodedClip, j: number): Tensor => {
      const [windows, , values, positions] = changes.shape;
      const frame = reshape(narrow(changes, 1, j, 1), [windows, values, positions]);
      return reshape(transpose(frame, 1, 2), [windows * positions, values]);
    };
    const half = Math.floor(coded.length / 2);
    const [x, unseenX] = [coded.slice(0, half), coded.slice(half)].map((c) => cat(c.map(rows), 0));
    return Array.from({ length: f }, (_, j) => {
      const [y, unseenY] = [coded.slice(0, half), coded.slice(half)]
        .map((clips) => cat(clips.map((clip) => targets(clip, j)), 0));
      return explainedShare({ x, y, unseenX, unseenY });
    });
  });
}

function distribution(latents_CN: Tensor): Pick<LatentAnalysis, "gaussian" | "histogram"> {
  return scope(() => {
    const centred = sub(latents_CN, mean(latents_CN, { dim: 1, keepdim: true }));
    const values_CN = div(centred, std(latents_CN, { dim: 1, keepdim: true }));
    const fourth = mean(pow(values_CN, 4));
    const width = 2 * RANGE / BINS;
    const edges = linspace(-RANGE, RANGE, BINS + 1);
    // ∫ |F(x) − Φ(x)| dx on the grid: the 1-Wasserstein distance.
    const below = Array.from({ length: BINS + 1 }, (_, i) => {
      const edge = -RANGE + i * width;
      return mean(to(le(values_CN, edge), { dtype: "float32" }), { dim: 1 });
    });
    const normal = mul(add(erf(div(edges, Math.SQRT2)), 1), 0.5);
    const counted = cat(below.map((column) => unsqueeze(column, 1)), 1);
    const wasserstein = mul(mean(sum(abs(sub(counted, normal)), { dim: [1] })), width);
    const cumulative = Array.from(toArray(mean(counted, { dim: 0 })), Number);
    return {
      gaussian: { wasserstein: item(wasserstein), excessKurtosis: item(fourth) - 3 },
      histogram: {
        centres: Array.from({ length: BINS }, (_, i) => -RANGE + (i + 0.5) * width),
        density: Array.from(
          { length: BINS },
          (_, i) => (cumulative[i + 1] - cumulative[i]) / width,
        ),
      },
    };
  });
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Of a mean squared error of values in −1..1. */
function psnrOfSigned(error: number): number {
  return psnrOf(error / 4);
}
