/**
 * Sizes that the models' squares do not divide: a clip is worked on as a larger picture, filled up on
 * the right and below, of which the clip is the upper left part.
 * @module
 */
import type { Camera, PersonTrack } from "../../geometry/mod.ts";
import type { FrameStream } from "../../io/mod.ts";
import { type Models, sizeStep } from "../weights/mod.ts";

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The least size that holds `size` and divides into the models' squares. */
export function filledSize(
  { vae, dit }: { readonly [model in "vae" | "dit"]: Pick<Models[model], "config"> },
  { width, height }: PictureSize,
): PictureSize {
  const step = sizeStep({ vae: vae.config, dit: dit.config });
  const filled = (side: number) => Math.ceil(side / step) * step;
  return { width: filled(width), height: filled(height) };
}

/** The same camera with a larger picture: what it saw lies where it lay, in pixels. */
export function fillCamera(camera: Camera, { width, height }: PictureSize): Camera {
  return { ...camera, width, height };
}

/** A reference whose picture is filled up to `size`; what is filled in shows nobody. */
export function fillReference(
  reference: NonNullable<PersonTrack["reference"]>,
  size: PictureSize,
): NonNullable<PersonTrack["reference"]> {
  const { width, height } = reference.camera;
  return {
    ...reference,
    camera: fillCamera(reference.camera, size),
    taken: { width, height },
  };
}

/** Pictures of size `from`, their right and bottom edges repeated up to size `to`. */
export function fillFrames<Own extends FrameStream["frames"]>(
  frames: Own,
  { from, to }: { readonly from: PictureSize; readonly to: PictureSize },
): Own | AsyncIterable<Uint8Array> {
  if (from.width === to.width && from.height === to.height) return frames;
  return fillAll(frames, from, to);
}

async function* fillAll(
  frames: FrameStream["frames"],
  from: PictureSize,
  to: PictureSize,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) yield fillPicture(frame, from, to);
}

function fillPicture(data: Uint8Array, from: PictureSize, to: PictureSize): Uint8Array {
  const out = new Uint8Array(to.width * to.height * 3);
  for (let y = 0; y < to.height; y++) {
    const row = y * to.width * 3;
    if (y >= from.height) {
      out.copyWithin(row, row - to.width * 3, row);
      continue;
    }
    out.set(data.subarray(y * from.width * 3, (y + 1) * from.width * 3), row);
    const last = row + (from.width - 1) * 3;
    for (let x = from.width; x < to.width; x++) out.copyWithin(row + x * 3, last, last + 3);
  }
  return out;
}
