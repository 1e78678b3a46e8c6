/**
 * Some frames of an indexed video, with the persons' mask.
 * @module
 */
import { type Frames, readImage, readVideo } from "../../io/mod.ts";
import type { VideoEntry } from "./index_file.ts";
import { isPicture } from "./side_files.ts";

/** Which frames, and how large. */
export interface WindowOptions {
  /** The first one; may lie between two. */
  readonly first: number;
  /** How many. */
  readonly count: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second, of which `count` then are; `first` counts stored frames. Default: as stored. */
  readonly fps?: number;
}

/** The size of a video whose shorter side is brought to `side`. */
export function sizeAtSide(
  { width, height }: Pick<VideoEntry, "width" | "height">,
  side: number,
): { readonly width: number; readonly height: number } {
  const scale = side / Math.min(width, height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/**
 * Decodes a window, cut to cover the size; only what lies between it and the key frame before is
 * decoded besides. Throws {@linkcode InputError} where the file no longer is what was indexed.
 */
export async function readWindow(entry: VideoEntry, options: WindowOptions): Promise<Frames> {
  return await readPictures(entry.path, entry, options);
}

/** The mask of a window, one byte a pixel, 255 on the persons; undefined where there is none. */
export async function readWindowMask(
  entry: VideoEntry,
  options: WindowOptions,
): Promise<Uint8Array | undefined> {
  if (entry.mask === undefined) return undefined;
  const { data } = await readPictures(entry.mask, entry, options);
  const mask = new Uint8Array(data.length / 3);
  for (let i = 0; i < mask.length; i++) {
    mask[i] = data[3 * i] + data[3 * i + 1] + data[3 * i + 2] >= 384 ? 255 : 0;
  }
  return mask;
}

/** The empty scene of a window; undefined where there is none. */
export async function readWindowBackground(
  entry: VideoEntry,
  options: WindowOptions,
): Promise<Frames | undefined> {
  if (entry.background === undefined) return undefined;
  return await readPictures(entry.background, entry, options);
}

/** Frames of a video that is as long as `entry`, or one picture for all of them. */
async function readPictures(
  path: string,
  { fps: rate }: VideoEntry,
  { first, count, width, height, fps = rate }: WindowOptions,
): Promise<Frames> {
  const size = { width, height };
  const found = isPicture(path)
    ? await readImage(path, { ...size, minSide: 1 })
    : await readVideo(path, {
      ...size,
      ...fps === rate ? {} : { fps },
      // Half a frame early, so that no rounding of the clock loses the first one.
      start: Math.max(0, (first - 0.5) / rate),
      maxFrames: count,
    });
  return held({ ...found, fps }, count);
}

/** As many frames as asked for: the last one is held. */
function held(frames: Frames, count: number): Frames {
  if (frames.count === count) return frames;
  const size = frames.width * frames.height * 3;
  const data = new Uint8Array(count * size);
  data.set(frames.data);
  const last = frames.data.subarray((frames.count - 1) * size);
  for (let at = frames.count; at < count; at++) data.set(last, at * size);
  return { ...frames, count, data };
}
