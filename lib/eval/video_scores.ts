/**
 * Scores of pairs of videos: by frame, by video, and of the whole set.
 * @module
 */
import type { BatchScores, FrameScorer, ScoreName } from "./frame_scores.ts";
import { psnrOf, type SquaredErrors } from "./frame_scores.ts";
import { badness } from "./metrics/mod.ts";
import { openPair, type ReadPairOptions, type VideoPair } from "./video_pairs.ts";

/** Numbers by score; `null` where frames are equal (PSNR) or the mask is empty. */
export type Scored<T> = Readonly<Partial<Record<ScoreName, T>>>;

/** How close one video is to the true one. */
export interface VideoScores extends VideoPair {
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** PSNR of the squared error of all frames at once; means over the frames for the others. */
  readonly scores: Scored<number | null>;
  readonly byFrame: Scored<readonly (number | null)[]>;
}

/** A frame and what was made of it, rgb24. */
export interface WorstFrame {
  readonly pair: string;
  readonly frame: number;
  readonly score: ScoreName;
  /** Of that score. */
  readonly value: number;
  readonly width: number;
  readonly height: number;
  readonly result: Uint8Array;
  readonly truth: Uint8Array;
}

/** Keeps the worst frames seen, at most one of each pair, so that memory stays bounded. */
export class WorstFrames {
  readonly #most: number;
  #kept: WorstFrame[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Worst first. */
  get frames(): readonly WorstFrame[] {
    return this.#kept;
  }

  /** Offers a frame; the pictures are copied only where it is kept. */
  offer(frame: WorstFrame): void {
    if (!Number.isFinite(frame.value)) return;
    const badnessOf = ({ score, value }: WorstFrame): number => badness(score, value);
    const own = this.#kept.find(({ pair }) => pair === frame.pair);
    if (own && badnessOf(own) >= badnessOf(frame)) return;
    const others = this.#kept.filter((kept) => kept !== own);
    if (others.length >= this.#most && badnessOf(others[others.length - 1]) >= badnessOf(frame)) {
      return;
    }
    const copy = { ...frame, result: frame.result.slice(), truth: frame.truth.slice() };
    this.#kept = [...others, copy].sort((a, b) => badnessOf(b) - badnessOf(a)).slice(0, this.#most);
  }
}

/** How pairs are scored. */
export interface ScorePairOptions extends ReadPairOptions {
  readonly scorer: FrameScorer;
  /** Which score decides what is worst, and who keeps it. */
  readonly worst?: { readonly by: ScoreName; readonly keep: WorstFrames };
  readonly signal?: AbortSignal;
}

/**
 * Scores one pair as it is decoded.
 *
 * @throws InputError for videos that cannot be compared
 */
export async function scorePair(pair: VideoPair, options: ScorePairOptions): Promise<VideoScores> {
  const { width, height, fps, batches } = await openPair(pair, options);
  const sums = new Sums();
  try {
    options.scorer.checkSize(width, height);
    for await (const batch of batches) {
      options.signal?.throwIfAborted();
      const { scores, errors } = options.scorer.score(batch);
      offerWorst(options, { pair: pair.name, first: sums.frames, scores, batch });
      sums.add(scores, errors);
    }
  } finally {
    await batches.return(undefined);
  }
  const { frames } = sums;
  return { ...pair, frames, width, height, fps, ...sums.result() };
}

function offerWorst(
  { worst }: ScorePairOptions,
  { pair, first, scores, batch }: {
    readonly pair: string;
    readonly first: number;
    readonly scores: BatchScores;
    readonly batch: Pick<WorstFrame, "width" | "height" | "result" | "truth">;
  },
): void {
  const values = worst && scores.get(worst.by);
  if (!values) return;
  const { width, height } = batch;
  const bytes = width * height * 3;
  const at = (all: Uint8Array, i: number): Uint8Array => all.subarray(i * bytes, (i + 1) * bytes);
  for (const [i, value] of values.entries()) {
    const [result, truth] = [at(batch.result, i), at(batch.truth, i)];
    const frame = first + i;
    worst.keep.offer({ pair, frame, score: worst.by, value, width, height, result, truth });
  }
}

/** One video's numbers as batches come. */
class Sums {
  readonly #byFrame = new Map<ScoreName, number[]>();
  readonly #errors: number[] = [];
  readonly #masked = { sum: 0, values: 0 };

  get frames(): number {
    return this.#errors.length;
  }

  add(scores: BatchScores, { frames, masked }: SquaredErrors): void {
    this.#errors.push(...frames);
    for (const [name, values] of scores) {
      this.#byFrame.set(name, [...this.#byFrame.get(name) ?? [], ...values]);
    }
    if (!masked) return;
    this.#masked.sum += masked.sums.reduce((a, b) => a + b, 0);
    this.#masked.values += masked.values.reduce((a, b) => a + b, 0);
  }

  result(): Pick<VideoScores, "scores" | "byFrame"> {
    const scores = [...this.#byFrame].map(([name, values]) => [name, this.#whole(name, values)]);
    const byFrame = [...this.#byFrame].map(([name, values]) => [name, values.map(finite)]);
    return { scores: Object.fromEntries(scores), byFrame: Object.fromEntries(byFrame) };
  }

  #whole(name: ScoreName, values: readonly number[]): number | null {
    if (name === "psnr") return finite(psnrOf(mean(this.#errors)));
    if (name === "mask-psnr") return finite(psnrOf(this.#masked.sum / this.#masked.values));
    return meanOf(values.map(finite));
  }
}

/** Means over videos, each counting alike, and how many of them have the score. */
export function meanOfVideos(
  videos: readonly VideoScores[],
): Scored<
  { readonly mean: number | null; readonly deviation: number | null; readonly of: number }
> {
  const names = [...new Set(videos.flatMap(({ scores }) => Object.keys(scores) as ScoreName[]))];
  return Object.fromEntries(names.map((name) => {
    const values = videos.map(({ scores }) => scores[name] ?? null);
    const counted = values.filter((value) => value !== null);
    const average = meanOf(values);
    const deviation = average === null || counted.length < 2 ? null : Math.sqrt(
      counted.reduce((sum, value) => sum + (value - average) ** 2, 0) / (counted.length - 1),
    );
    return [name, { mean: average, deviation, of: counted.length }];
  }));
}

/** JSON has no infinity and no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Mean of what is there; null where nothing is. */
function meanOf(values: readonly (number | null)[]): number | null {
  const counted = values.filter((value) => value !== null);
  return counted.length === 0 ? null : mean(counted);
}
