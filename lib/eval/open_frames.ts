/**
 * Videos and numbered pictures, read alike.
 * @module
 */
import { InputError } from "../errors.ts";
import {
  exists,
  isSequencePattern,
  openVideo,
  readImage,
  sequencePath,
  type VideoReader,
} from "../io/mod.ts";

/**
 * Opens a video, or pictures such as `out/%04d.png` from 1 on, which have no rate of their own: `fps`.
 *
 * @throws InputError for broken files, and from within the loop for pictures of unequal size
 */
export async function openFrames(
  path: string,
  { fps = 1 }: { readonly fps?: number } = {},
): Promise<
  VideoReader
> {
  if (!isSequencePattern(path)) return await openVideo(path);
  const first = await readImage(sequencePath(path, 1), { minSide: 1 });
  return { width: first.width, height: first.height, fps, frames: pictures(path, first) };
}

async function* pictures(
  pattern: string,
  first: { readonly width: number; readonly height: number; readonly data: Uint8Array },
): VideoReader["frames"] {
  yield new Uint8Array(first.data);
  for (let number = 2;; number++) {
    const file = sequencePath(pattern, number);
    if (!await exists(file)) return;
    const { width, height, data } = await readImage(file, { minSide: 1 });
    if (width !== first.width || height !== first.height) {
      throw new InputError(
        `"${file}" is of ${width}×${height}, the first picture of ${first.width}×${first.height}`,
      );
    }
    yield new Uint8Array(data);
  }
}
