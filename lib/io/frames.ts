/**
 * Pictures in memory.
 * @module
 */
import { InputError } from "../errors.ts";

/** One or more pictures of equal size, 8-bit sRGB. */
export interface Frames {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Number of pictures. */
  readonly count: number;
  /** Pictures a second; 1 for a single image. */
  readonly fps: number;
  /** rgb24, [count, height, width, 3]. */
  readonly data: Uint8Array;
}

/** Pictures that arrive one by one, for clips that need not fit in memory. */
export interface FrameStream {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Pictures a second. */
  readonly fps: number;
  /** Each rgb24, [height, width, 3]. */
  readonly frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** How a picture is brought to another size; as CSS object-fit. */
export type Fit = "fill" | "cover" | "contain" | "inside";

/** Longest side that is read or written. */
export const maxSide = 16384;

/** Bytes of frame `index`, a view. */
export function frameAt({ width, height, data }: Frames, index: number): Uint8Array {
  const size = width * height * 3;
  return data.subarray(index * size, (index + 1) * size);
}

/** The frames one after the other. */
export function streamOf(frames: Frames): FrameStream {
  checkFrames(frames);
  const { width, height, fps, count } = frames;
  return {
    width,
    height,
    fps,
    frames: Array.from({ length: count }, (_, i) => frameAt(frames, i)),
  };
}

/** Throws {@linkcode InputError} where data and size disagree or there is nothing to show. */
export function checkFrames({ width, height, count, data }: Frames): void {
  checkSize(width, height);
  if (count < 1) throw new InputError(`a video of ${count} frames, expected at least 1`);
  if (data.length !== count * height * width * 3) {
    throw new InputError(
      `${count} frames of ${width}×${height} take ${
        count * height * width * 3
      } bytes, got ${data.length}`,
    );
  }
}

/** Throws {@linkcode InputError}, which names the file if there is one, for no picture's size. */
export function checkSize(
  width: number,
  height: number,
  { path }: { readonly path?: string } = {},
): void {
  const good = (n: number) => Number.isInteger(n) && n >= 1 && n <= maxSide;
  if (good(width) && good(height)) return;
  const where = path === undefined ? "" : `cannot use "${path}": `;
  throw new InputError(
    `${where}a picture of ${width}×${height} pixels, expected 1 to ${maxSide} a side`,
  );
}

/** Throws {@linkcode InputError} for a rate that no video has. */
export function checkFps(fps: number): void {
  if (!(fps > 0 && fps <= 1000)) {
    throw new InputError(`${fps} frames a second, expected more than 0 and at most 1000`);
  }
}
