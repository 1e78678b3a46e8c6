/**
 * Clips by their path: a video, numbered pictures or one image, which is a clip of one frame.
 * @module
 */
import { InputError } from "../errors.ts";
import type { Frames, FrameStream } from "./frames.ts";
import { readImage, writeJpeg, writePng } from "./image.ts";
import { isSequencePattern, writePngSequence } from "./png_sequence.ts";
import { videoContainer, videoEndings } from "./video_codecs.ts";
import { animationKind } from "./video_probe.ts";
import { openVideo } from "./video_read.ts";
import { writeVideo } from "./video_write.ts";
import type { Origin } from "./xmp/mod.ts";

/** Opens an image (a clip of one frame) or a video. Errors as readImage and openVideo. */
export async function openClip(path: string): Promise<FrameStream> {
  if (!await isStillImage(path)) return await openVideo(path);
  const { width, height, data } = await readImage(path, { minSide: 1 });
  return { width, height, fps: 1, frames: [data] };
}

/** Whether a path is a single image by its ending. */
function isImagePath(path: string): boolean {
  return /\.(png|jpe?g|webp|tiff?|avif)$/i.test(path) && !isSequencePattern(path);
}

/** As {@linkcode isImagePath}, but an animated WebP is none. Errors as openVideo. */
export async function isStillImage(path: string): Promise<boolean> {
  return isImagePath(path) && !(/\.webp$/i.test(path) && await animationKind(path) === "webp");
}

/**
 * Writes a clip as its path's ending says: a video, numbered PNGs (`%04d.png`) or one image; `origin`
 * stands in its XMP.
 */
export async function writeClip(
  path: string,
  clip: FrameStream,
  options: { readonly replace?: boolean; readonly origin?: Origin } = {},
): Promise<void> {
  if (isSequencePattern(path)) await writePngSequence(path, clip, options);
  else if (!videoContainer(path) && isImagePath(path)) await writeOnlyImage(path, clip, options);
  else await writeVideo(path, clip, { origin: options.origin });
}

async function writeOnlyImage(
  path: string,
  clip: FrameStream,
  { origin }: { readonly origin?: Origin },
): Promise<void> {
  const { width, height, fps } = clip;
  let first: Uint8Array | undefined;
  for await (const frame of clip.frames) {
    if (first) {
      throw new InputError(
        `"${path}" holds one image and the clip has more frames; name a ${videoEndings} or %04d.png`,
      );
    }
    first = frame;
  }
  if (!first) throw new InputError("a clip without frames");
  const picture: Frames = { width, height, fps, count: 1, data: first };
  if (/\.jpe?g$/i.test(path)) await writeJpeg(path, picture, { origin });
  else if (/\.png$/i.test(path)) await writePng(path, picture, { origin });
  else throw new InputError(`cannot write "${path}": an image is a .png or .jpg`);
}
