// N frames, H height, W width

/**
 * Scores of frames against the true ones, batch by batch.
 * @module
 */
import { InputError } from "../errors.ts";
import type { Lpips } from "../models/perceptual/mod.ts";
import {
  contiguous,
  type Device,
  div,
  fromBytes,
  gt,
  inferenceMode,
  mean,
  mul,
  narrow,
  permute,
  scope,
  sub,
  sum,
  type Tensor,
  to,
  toNumbers,
} from "../tensor/mod.ts";
import {
  checkMsSsimSize,
  checkSsimSize,
  frameMsSsim,
  maskedMean,
  type SsimBorder,
  ssimMaps,
} from "./similarity.ts";

/**
 * Scores that need the true frames. `spd`, synthetic perceptual distance, is made as LPIPS is, of this
 * project's own small network.
 */
export const frameMetrics = ["psnr", "ssim", "ms-ssim", "lpips", "spd"] as const;

/** One of {@linkcode frameMetrics}. */
export type FrameMetric = typeof frameMetrics[number];

/** Columns of the scores: those of `frameMetrics`, and two that count the mask's pixels only. */
export type ScoreName = FrameMetric | "mask-psnr" | "mask-ssim";

/** A batch of rgb24 frames, [N, height, width, 3]. */
export interface FrameBatch {
  readonly count: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly result: Uint8Array;
  readonly truth: Uint8Array;
  /** rgb24 too; a pixel whose red is above 127 is inside. */
  readonly mask?: Uint8Array;
}

/** How frames are scored. */
export interface FrameScorerOptions {
  readonly metrics: readonly FrameMetric[];
  /** Needed for "lpips". */
  readonly lpips?: Lpips;
  /** Needed for "spd". */
  readonly spd?: Lpips;
  /** Default "reflect". */
  readonly border?: SsimBorder;
  /** Where `lpips` is, and all is computed. Default "cpu". */
  readonly device?: Device;
}

/** Scores of each frame of a batch; a mean over no pixel, or PSNR's infinity, as such. */
export type BatchScores = ReadonlyMap<ScoreName, readonly number[]>;

/** Mean squared errors behind the PSNR, which cannot be averaged itself. */
export interface SquaredErrors {
  /** Of each frame, values 0..1. */
  readonly frames: readonly number[];
  /** Sums of squares over the mask, and how many values it has, each frame. */
  readonly masked?: { readonly sums: readonly number[]; readonly values: readonly number[] };
}

/** Scores batches of frames. */
export class FrameScorer {
  readonly #options:
    & Required<Omit<FrameScorerOptions, "lpips" | "spd">>
    & Pick<FrameScorerOptions, "lpips" | "spd">;

  constructor(options: FrameScorerOptions) {
    this.#options = { border: "reflect", device: "cpu", ...options };
    if (options.metrics.includes("lpips") && !options.lpips) {
      throw new InputError("LPIPS needs a backbone and its linear layers");
    }
    if (options.metrics.includes("spd") && !options.spd) {
      throw new InputError("the synthetic perceptual distance needs its network");
    }
  }

  /** Throws {@linkcode InputError} where frames are too small for a score that is asked for. */
  checkSize(width: number, height: number): void {
    const { metrics } = this.#options;
    if (metrics.includes("ssim")) checkSsimSize(width, height);
    if (metrics.includes("ms-ssim")) checkMsSsimSize(width, height);
  }

  /** Scores of each frame, and its squared errors. */
  score(batch: FrameBatch): { readonly scores: BatchScores; readonly errors: SquaredErrors } {
    return inferenceMode(() =>
      scope(() => {
        const result = this.#frames(batch.result, batch);
        const truth = this.#frames(batch.truth, batch);
        const mask = batch.mask && this.#mask(batch.mask, batch);
        const errors = squaredErrors(result, truth, mask);
        const scores = new Map<ScoreName, number[]>();
        for (const [name, values] of this.#similarities(result, truth, mask)) {
          scores.set(name, toNumbers(values));
        }
        if (this.#options.metrics.includes("psnr")) addPsnr(scores, errors);
        return { scores: ordered(scores), errors };
      })
    );
  }

  *#similarities(
    result: Tensor,
    truth: Tensor,
    mask: Tensor | undefined,
  ): Generator<[ScoreName, Tensor]> {
    const { metrics, border, lpips, spd } = this.#options;
    const [ssim, msSsim] = [metrics.includes("ssim"), metrics.includes("ms-ssim")];
    if (ssim) {
      const finest = ssimMaps(result, truth, border);
      yield ["ssim", mean(finest.ssim, { dim: [1, 2, 3] })];
      if (mask) yield ["mask-ssim", maskedMean(finest.ssim, mask)];
      if (msSsim) yield ["ms-ssim", frameMsSsim(result, truth, { border, finest })];
    } else if (msSsim) yield ["ms-ssim", frameMsSsim(result, truth, { border })];
    const signed = (x: Tensor): Tensor => sub(mul(x, 2), 1);
    for (const [name, net] of [["lpips", lpips], ["spd", spd]] as const) {
      if (metrics.includes(name)) yield [name, net!.forward(signed(result), signed(truth))];
    }
  }

  /** rgb24 → [N,3,H,W] in 0..1. */
  #frames(bytes: Uint8Array, batch: FrameBatch): Tensor {
    return frameTensor(bytes, batch, this.#options.device);
  }

  /** rgb24 → [N,1,H,W] of 0 and 1. */
  #mask(bytes: Uint8Array, batch: FrameBatch): Tensor {
    return scope(() =>
      to(gt(narrow(this.#frames(bytes, batch), 1, 0, 1), 0.5), { dtype: "float32" })
    );
  }
}

/** rgb24 of [N, height, width, 3] → [N,3,H,W] in 0..1. */
export function frameTensor(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  device: Device = "cpu",
): Tensor {
  return scope(() => {
    const count = bytes.length / (width * height * 3);
    const raw = fromBytes(bytes, { shape: [count, height, width, 3], dtype: "uint8" });
    const planes = permute(to(raw, { device, dtype: "float32" }), [0, 3, 1, 2]);
    return contiguous(div(planes, 255));
  });
}

/** dB of a mean squared error of values 0..1. */
export function psnrOf(squaredError: number): number {
  return squaredError === 0 ? Infinity : -10 * Math.log10(squaredError);
}

function squaredErrors(result: Tensor, truth: Tensor, mask: Tensor | undefined): SquaredErrors {
  const difference = sub(result, truth);
  const squares = mul(difference, difference);
  const dim = [1, 2, 3];
  const frames = toNumbers(mean(squares, { dim }));
  if (!mask) return { frames };
  const sums = toNumbers(sum(mul(squares, mask), { dim }));
  const values = toNumbers(sum(mask, { dim })).map((pixels) => pixels * 3);
  return { frames, masked: { sums, values } };
}

function ordered(scores: ReadonlyMap<ScoreName, number[]>): BatchScores {
  const names: readonly ScoreName[] = [...frameMetrics, "mask-psnr", "mask-ssim"];
  const key = (name: ScoreName): number => names.indexOf(name);
  return new Map([...scores].sort(([a], [b]) => key(a) - key(b)));
}

function addPsnr(scores: Map<ScoreName, number[]>, { frames, masked }: SquaredErrors): void {
  scores.set("psnr", frames.map(psnrOf));
  if (!masked) return;
  scores.set(
    "mask-psnr",
    masked.sums.map((total, i) => masked.values[i] === 0 ? NaN : psnrOf(total / masked.values[i])),
  );
}
