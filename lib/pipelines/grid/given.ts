/**
 * The pictures of a grid that are given and come back as they are.
 * @module
 */
import { InputError } from "../../errors.ts";
import { isSequencePattern, openVideo, readImage } from "../../io/mod.ts";
import { filesOfClip, type GridJob } from "./schema.ts";

/** rgb24 pictures of the grid's size. */
export interface GivenPictures {
  /** All frames of views that are given, by view. */
  readonly views: ReadonlyMap<number, readonly Uint8Array[]>;
  /** The picture of frame 0 of each view, where that instant is given. */
  readonly instant?: readonly Uint8Array[];
}

/** The given picture of a view's frame, if it is one. */
export function givenPicture(
  { views, instant }: GivenPictures,
  { view, frame }: { readonly view: number; readonly frame: number },
): Uint8Array | undefined {
  return views.get(view)?.[frame] ?? (frame === 0 ? instant?.[view] : undefined);
}

/**
 * Reads what a grid is given. A given view that ends early holds its last picture, with a notice; of a
 * given instant's pictures those nearest to the views' even places along it are taken.
 *
 * Throws {@linkcode InputError} for files that cannot be read, and an instant with fewer pictures than
 * views.
 */
export async function readGiven(
  { job, views, givenViews, givenTime }: GridJob,
  onNotice?: (text: string) => void,
): Promise<GivenPictures> {
  const { width, height, fps, frames } = job;
  const found = new Map<number, readonly Uint8Array[]>();
  for (const { view, video } of givenViews) {
    const pictures = await readPictures(video, { width, height, fps, maxFrames: frames });
    if (pictures.length < frames) {
      onNotice?.(
        `"${video}" ends after ${pictures.length} of ${frames} frames: its last picture is held`,
      );
    }
    found.set(view, Array.from({ length: frames }, (_, i) => pictures[i] ?? pictures.at(-1)!));
  }
  if (!givenTime) return { views: found };
  const orbit = await readPictures(givenTime.video, { width, height });
  if (orbit.length < views) {
    throw new InputError(
      `"${givenTime.video}" has ${orbit.length} pictures for ${views} views, expected one for each at least`,
    );
  }
  const spacing = views > 1 ? (orbit.length - 1) / (views - 1) : 0;
  const instant = Array.from({ length: views }, (_, view) => orbit[Math.round(view * spacing)]);
  return { views: found, instant };
}

interface ClipSize {
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly maxFrames?: number;
}

/** A clip's pictures, cut to cover the size; numbered pictures have no rate of their own. */
async function readPictures(
  path: string,
  { width, height, fps, maxFrames }: ClipSize,
): Promise<Uint8Array[]> {
  const pictures: Uint8Array[] = [];
  if (isSequencePattern(path)) {
    for (const file of (await filesOfClip(path)).slice(0, maxFrames)) {
      pictures.push((await readImage(file, { width, height })).data);
    }
    return pictures;
  }
  const { frames } = await openVideo(path, { width, height, fps, maxFrames });
  for await (const picture of frames) pictures.push(picture);
  if (pictures.length === 0) throw new InputError(`"${path}" has no frames`);
  return pictures;
}
