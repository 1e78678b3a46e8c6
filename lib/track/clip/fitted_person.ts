/**
 * A person's fit as files of the cache: a motion that every `--motion` reads, and how far each frame is
 * to be trusted.
 * @module
 */
import { loadMotion, writeMotion } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import type { BodyMesh, Camera, Motion } from "../../geometry/mod.ts";
import { readJson, writeJson } from "../../io/mod.ts";
import type { PersonMask } from "../../perception/mod.ts";
import type { SeenClip } from "../evidence.ts";
import { FIT_VERSION, fitClip } from "../fit_clip.ts";
import { type Outline, outlineOf } from "../outlines.ts";
import { type FrameFit, judgeFrame } from "./frame_fits.ts";
import { recallFrames } from "./seen_frames.ts";
import { coverage, type MovingBody } from "./silhouettes.ts";

/** A body that moves as a person does. */
export interface FittedPerson {
  /** An isa4d-motion with shape and cameras. */
  readonly file: string;
  /** Poses and places of all frames. */
  readonly motion: Motion;
  /** Coefficients of the own body's shapes. */
  readonly shape?: Float32Array;
  /** One a frame, of the pictures that were looked at. */
  readonly cameras: readonly Camera[];
  /** One a frame. */
  readonly fits: readonly FrameFit[];
}

/** How a person is fitted. */
export interface FitPersonOptions {
  /** The own body. */
  readonly body: BodyMesh;
  /** Of the frames that were seen. */
  readonly folder: string;
  /** The person's number in them. */
  readonly id: number;
  /** Also fit the body's edges to the mask's; default false. */
  readonly outlines?: boolean;
  readonly onFit?: (state: { readonly step: number; readonly of: number }) => void;
  readonly signal?: AbortSignal;
}

/** Error and overlap; null where the person is not seen. */
type FrameNumbers = readonly [number, number] | null;

/** The file of a person's fit, by the parts of its name. */
export function fitFileName(parts: readonly (string | number)[]): string {
  return `fit${FIT_VERSION}-${parts.join("-")}.json`;
}

const numbersOf = (file: string) => file.replace(/json$/, "fits.json");

const judged = (numbers: readonly FrameNumbers[]) =>
  numbers.map((one) => judgeFrame(one ?? undefined));

/** What is kept at a file; undefined where it is not, or damaged. */
export async function recallFit(file: string, body: BodyMesh): Promise<FittedPerson | undefined> {
  try {
    const numbers = await readJson(numbersOf(file)) as FrameNumbers[];
    const { motion, shape, cameras } = await loadMotion(file, { body, placement: "keep" });
    return {
      file,
      motion,
      shape,
      cameras: cameras!({ width: 0, height: 0 }),
      fits: judged(numbers),
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

/** Fits a person and keeps the fit. Errors as `fitClip`, and {@linkcode IoError}. */
export async function keepFit(
  file: string,
  clip: SeenClip,
  { body, folder, id, outlines = false, onFit, signal }: FitPersonOptions,
): Promise<FittedPerson> {
  const frames = clip.frames.length;
  const masks = () => masksOf({ folder, id, frames, signal });
  const seen = outlines ? { ...clip, outlines: await outlinesOf(masks()) } : clip;
  const { motion, shape, cameras, errors } = fitClip(seen, { body, onStep: onFit, signal });
  const overlaps = await overlapsOf({ body, motion, shape, cameras }, masks());
  const numbers = Array.from(
    errors,
    (error, frame): FrameNumbers => Number.isNaN(error) ? null : [error, overlaps[frame]],
  );
  await writeMotion(file, motion, { shape, cameras });
  await writeJson(numbersOf(file), numbers);
  return { file, motion, shape, cameras, fits: judged(numbers) };
}

async function outlinesOf(
  masks: AsyncIterable<PersonMask | undefined>,
): Promise<(Outline | undefined)[]> {
  const outlines: (Outline | undefined)[] = [];
  for await (const mask of masks) outlines.push(mask && outlineOf(mask));
  return outlines;
}

async function overlapsOf(
  moving: MovingBody,
  masks: AsyncIterable<PersonMask | undefined>,
): Promise<number[]> {
  const overlaps: number[] = [];
  for await (const mask of masks) {
    overlaps.push(mask ? coverage(moving, overlaps.length, mask) : 0);
  }
  return overlaps;
}

/** A person's mask in each frame, read again each time: all of a clip's are too many to hold. */
async function* masksOf(
  { folder, id, frames: count, signal }: Pick<FitPersonOptions, "folder" | "id" | "signal"> & {
    readonly frames: number;
  },
): AsyncGenerator<PersonMask | undefined> {
  let frame = 0;
  for await (const { frames } of recallFrames(folder)) {
    for (const { persons } of frames) {
      if (frame++ === count) return;
      signal?.throwIfAborted();
      yield persons.find((person) => person.id === id)?.mask;
    }
  }
}
