// N frames, H height, W width

/**
 * Scores of frames against the true ones, batch by batch.
 * @module
 */
import { InputError } from "../errors.ts";
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
  isNetMetric,
  type MetricOf,
  metrics as facts,
  metricsOf,
  type NetMetric,
} from "./metrics/mod.ts";
import {
  frameMsSsim,
  maskedMean,
  MS_SSIM_SMALLEST,
  SSIM_WINDOW,
  type SsimBorder,
  type SsimMaps,
  ssimMaps,
} from "./similarity.ts";

/** Scores that need the true frames. */
export type FrameMetric = MetricOf<"frame">;

/** Columns of the scores: {@linkcode FrameMetric}s, and some of them over the mask's pixels only. */
export type ScoreName = MetricOf<"frame" | "mask">;

/** A distance of images [N,3,H,W] in −1..1 from others: [N]. */
export interface PairNet {
  forward(images: Tensor, others: Tensor): Tensor;
}

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
  /** Needed for the metrics that have one. */
  readonly nets?: Readonly<Partial<Record<NetMetric, PairNet>>>;
  /** Default "reflect". */
  readonly border?: SsimBorder;
  /** Where `nets` are, and all is computed. Default "cpu". */
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

/** Frames that are being compared, values 0..1. */
interface Compared {
  readonly result: Tensor;
  readonly truth: Tensor;
  readonly mask?: Tensor;
  readonly errors: SquaredErrors;
  readonly border: SsimBorder;
  /** SSIM's maps, made once. */
  readonly maps: () => SsimMaps;
}

interface Scorer {
  /** For the protocol. */
  readonly definition: (border: SsimBorder) => string;
  /** Pixels of the shortest side. */
  readonly smallest?: number;
  /** Computed along with this one where there is a mask. */
  readonly besideWithMask?: FrameMetric;
  score(compared: Compared): readonly number[];
}

const WINDOWS: Readonly<Record<SsimBorder, string>> = {
  reflect: "Gaussian window of 11, deviation 1.5, borders mirrored as torchmetrics",
  valid: "Gaussian window of 11, deviation 1.5, inside only as scikit-image",
};

const scorers: Readonly<Record<Exclude<ScoreName, NetMetric>, Scorer>> = {
  psnr: {
    definition: () => "PSNR of all frames' squared error",
    score: ({ errors }) => errors.frames.map(psnrOf),
  },
  ssim: {
    definition: (border) => `SSIM, ${WINDOWS[border]}`,
    smallest: SSIM_WINDOW,
    score: ({ maps }) => toNumbers(mean(maps().ssim, { dim: [1, 2, 3] })),
  },
  "ms-ssim": {
    definition: (border) => `MS-SSIM, 5 scales, ${WINDOWS[border]}`,
    smallest: MS_SSIM_SMALLEST,
    score: ({ result, truth, border, maps }) =>
      toNumbers(frameMsSsim(result, truth, { border, finest: maps() })),
  },
  "mask-psnr": {
    definition: () => "PSNR over the mask",
    besideWithMask: "psnr",
    score: ({ errors: { masked } }) =>
      masked!.sums.map((total, i) =>
        masked!.values[i] === 0 ? NaN : psnrOf(total / masked!.values[i])
      ),
  },
  "mask-ssim": {
    definition: (border) => `SSIM over the mask, ${WINDOWS[border]}`,
    besideWithMask: "ssim",
    score: ({ maps, mask }) => toNumbers(maskedMean(maps().ssim, mask!)),
  },
};

/** How a metric that needs no network is defined, for the protocol. */
export function definitionOf(
  metric: Exclude<FrameMetric, NetMetric>,
  border: SsimBorder = "reflect",
): string {
  return scorers[metric].definition(border);
}

/** Pixels that the shortest side of a frame must have; 1 where the metric's network says. */
export function smallestSide(metric: FrameMetric): number {
  return isNetMetric(metric) ? 1 : scorers[metric].smallest ?? 1;
}

/** Scores batches of frames. */
export class FrameScorer {
  readonly #options: Required<FrameScorerOptions>;

  constructor(options: FrameScorerOptions) {
    this.#options = { border: "reflect", device: "cpu", nets: {}, ...options };
    for (const name of options.metrics) {
      if (!isNetMetric(name) || options.nets?.[name]) continue;
      throw new InputError(`${facts[name].label} needs its network: nets.${name}`);
    }
  }

  /** Throws {@linkcode InputError} where frames are too small for a score that is asked for. */
  checkSize(width: number, height: number): void {
    for (const name of this.#options.metrics) {
      const side = smallestSide(name);
      if (Math.min(width, height) >= side) continue;
      throw new InputError(
        `${facts[name].label} needs frames of at least ${side}×${side}, found ${width}×${height}`,
      );
    }
  }

  /** Scores of each frame, and its squared errors. */
  score(batch: FrameBatch): { readonly scores: BatchScores; readonly errors: SquaredErrors } {
    return inferenceMode(() =>
      scope(() => {
        const result = this.#frames(batch.result, batch);
        const truth = this.#frames(batch.truth, batch);
        const mask = batch.mask && this.#mask(batch.mask, batch);
        const errors = squaredErrors(result, truth, mask);
        const { border } = this.#options;
        let made: SsimMaps | undefined;
        const maps = () => made ??= ssimMaps(result, truth, border);
        const compared = { result, truth, mask, errors, border, maps };
        const names = metricsOf("frame", "mask").filter((name) => this.#wants(name, mask));
        const scores = new Map(names.map((name) => [name, this.#scoreOf(name, compared)]));
        return { scores, errors };
      })
    );
  }

  #wants(name: ScoreName, mask: Tensor | undefined): boolean {
    const beside = isNetMetric(name) ? undefined : scorers[name].besideWithMask;
    const metric = (mask && beside) ?? name;
    return this.#options.metrics.some((wanted) => wanted === metric);
  }

  #scoreOf(name: ScoreName, compared: Compared): readonly number[] {
    if (!isNetMetric(name)) return scorers[name].score(compared);
    const signed = (x: Tensor): Tensor => sub(mul(x, 2), 1);
    const net = this.#options.nets[name]!;
    return toNumbers(net.forward(signed(compared.result), signed(compared.truth)));
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
