/**
 * What can be said of a video without a true one, after the dimensions of VBench (Huang et al. 2023);
 * networks and formulas are this project's own where its are not used.
 * @module
 */
import { InputError } from "../errors.ts";
import { type Frames, openVideo } from "../io/mod.ts";
import type { SynthImageNet, SynthLooks } from "../models/perceptual/mod.ts";
import { type Device, mul, scope, sub } from "../tensor/mod.ts";
import { type BlockMove, blockMoves, type MotionPicture, motionPicture } from "./block_motion.ts";
import { clipLook, type ClipNet } from "./clip_look.ts";
import { frameTensor } from "./frame_scores.ts";
import type { MetricOf } from "./metrics/mod.ts";

type ClipMetric = Extract<MetricOf<"solo">, `clip${string}`>;

/** Numbers of one video, those of CLIP where it is given; `null` where nothing could be measured. */
export type SoloScores =
  & Readonly<Record<Exclude<MetricOf<"solo">, ClipMetric>, number | null>>
  & Readonly<Partial<Record<ClipMetric, number | null>>>;

/** Scores of one video. */
export interface SoloVideo {
  readonly path: string;
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  readonly scores: SoloScores;
  /** By frame, from the second one on. */
  readonly byFrame: {
    readonly subjectConsistency: readonly (number | null)[];
    readonly backgroundConsistency: readonly (number | null)[];
    readonly steadiness: readonly number[];
  };
}

/** How videos are looked at. */
export interface SoloOptions {
  readonly net: SynthImageNet;
  readonly clip?: ClipNet;
  /** What CLIP compares the frames with. */
  readonly reference?: Frames;
  readonly device?: Device;
  readonly signal?: AbortSignal;
}

/** Fewest frames: smoothness compares three. */
const SOLO_FRAMES = 3;

/**
 * Scores a video as it is decoded.
 *
 * @throws InputError for a video of fewer than three frames, or a broken one
 */
export async function soloScores(path: string, options: SoloOptions): Promise<SoloVideo> {
  const { width, height, fps, frames } = await openVideo(path);
  const state = new SoloState(options, { width, height });
  try {
    for await (const frame of frames) {
      options.signal?.throwIfAborted();
      state.add(frame);
    }
    if (state.frames < SOLO_FRAMES) {
      throw new InputError(
        `"${path}" has ${state.frames} ${
          state.frames === 1 ? "frame" : "frames"
        }; motion takes at least ${SOLO_FRAMES}`,
      );
    }
    return { path, frames: state.frames, width, height, fps, ...state.result(fps) };
  } finally {
    state.dispose();
  }
}

/** What is kept of the frames before. */
class SoloState {
  readonly #options: SoloOptions;
  readonly #size: { readonly width: number; readonly height: number };
  #first: SynthLooks | undefined;
  #last: SynthLooks | undefined;
  #picture: MotionPicture | undefined;
  #bytes: Uint8Array | undefined;
  #moves: readonly BlockMove[] | undefined;
  readonly #subject: (number | null)[] = [];
  readonly #background: (number | null)[] = [];
  readonly #steadiness: number[] = [];
  readonly #fastest: number[] = [];
  readonly #lengths = { moves: 0, changes: 0 };
  readonly #clip: ClipState | undefined;
  frames = 0;

  constructor(options: SoloOptions, size: { readonly width: number; readonly height: number }) {
    this.#options = options;
    this.#size = size;
    this.#clip = options.clip && new ClipState(options.clip, options);
  }

  add(bytes: Uint8Array): void {
    this.#clip?.add(bytes, this.#size);
    const looks = looksOf(bytes, this.#size, this.#options);
    const picture = motionPicture(bytes, this.#size, this.#options.device);
    if (this.#picture) {
      this.#addMoves(blockMoves(this.#picture, picture));
      this.#steadiness.push(steadiness(this.#bytes!, bytes));
      this.#subject.push(this.#similar(looks, "person"));
      this.#background.push(this.#similar(looks, "scene"));
    }
    this.#picture?.grey.dispose();
    this.#picture = picture;
    this.#bytes = bytes;
    this.#first ??= looks;
    this.#last = looks;
    this.frames++;
  }

  /** To the first frame and to the one before, as VBench. */
  #similar(looks: SynthLooks, part: keyof SynthLooks): number | null {
    const [now, first, last] = [looks[part], this.#first?.[part], this.#last?.[part]];
    return now && first && last ? (cosine(now, first) + cosine(now, last)) / 2 : null;
  }

  #addMoves(moves: readonly BlockMove[]): void {
    const lengths = moves.map(({ dx, dy }) => Math.hypot(dx, dy)).sort((a, b) => b - a);
    if (lengths.length > 0) {
      const most = lengths.slice(0, Math.max(1, Math.round(lengths.length / 20)));
      this.#fastest.push(most.reduce((a, b) => a + b) / most.length);
    }
    const before = new Map(this.#moves?.map((move) => [`${move.x} ${move.y}`, move]));
    for (const { x, y, dx, dy } of moves) {
      const old = before.get(`${x} ${y}`);
      if (!old) continue;
      this.#lengths.changes += Math.hypot(dx - old.dx, dy - old.dy);
      this.#lengths.moves += Math.hypot(dx, dy) + Math.hypot(old.dx, old.dy);
    }
    this.#moves = moves;
  }

  result(fps: number): Pick<SoloVideo, "scores" | "byFrame"> {
    const { moves, changes } = this.#lengths;
    const diagonal = Math.hypot(this.#size.width, this.#size.height);
    const fastest = meanOf(this.#fastest);
    return {
      scores: {
        subjectConsistency: meanOf(this.#subject),
        backgroundConsistency: meanOf(this.#background),
        motionSmoothness: moves === 0 ? null : 1 - changes / moves,
        dynamicDegree: fastest === null ? null : fastest * fps / diagonal,
        steadiness: meanOf(this.#steadiness),
        ...this.#clip?.scores(),
      },
      byFrame: {
        subjectConsistency: this.#subject,
        backgroundConsistency: this.#background,
        steadiness: this.#steadiness,
      },
    };
  }

  dispose(): void {
    this.#picture?.grey.dispose();
  }
}

/** CLIP's embeddings of the frames before. */
class ClipState {
  readonly #net: ClipNet & { readonly device?: Device };
  readonly #reference: Float32Array | undefined;
  #first: Float32Array | undefined;
  #last: Float32Array | undefined;
  readonly #similar: number[] = [];
  readonly #toReference: number[] = [];

  constructor(net: ClipNet, { reference, device }: Pick<SoloOptions, "reference" | "device">) {
    this.#net = { ...net, device };
    this.#reference = reference && clipLook(reference.data, reference, this.#net);
  }

  add(bytes: Uint8Array, size: { readonly width: number; readonly height: number }): void {
    const look = clipLook(bytes, size, this.#net);
    if (this.#first && this.#last) {
      this.#similar.push((cosine(look, this.#first) + cosine(look, this.#last)) / 2);
    }
    if (this.#reference) this.#toReference.push(cosine(look, this.#reference));
    this.#first ??= look;
    this.#last = look;
  }

  scores(): Pick<SoloScores, ClipMetric> {
    return {
      clipConsistency: meanOf(this.#similar),
      ...this.#reference ? { clipReference: meanOf(this.#toReference) } : {},
    };
  }
}

function looksOf(
  bytes: Uint8Array,
  size: { readonly width: number; readonly height: number },
  { net, device }: SoloOptions,
): SynthLooks {
  return scope(() => net.looks(net.look(sub(mul(frameTensor(bytes, size, device), 2), 1))));
}

/** Cosine of the angle between two vectors; 0 where one is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

function steadiness(a: Uint8Array, b: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += Math.abs(a[i] - b[i]);
  return 1 - total / a.length / 255;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const counted = values.filter((value) => value !== null);
  return counted.length === 0 ? null : counted.reduce((a, b) => a + b, 0) / counted.length;
}
