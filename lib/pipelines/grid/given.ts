/**
 * The pictures of a grid that are given and come back as they are.
 * @module
 */
import { InputError } from "../../errors.ts";
import { isSequencePattern, openVideo, readImage, SpooledClip } from "../../io/mod.ts";
import { filesOfClip, type GridJob } from "./grid_job.ts";

/** rgb24 pictures of the grid's size. Free them after use. */
export class GivenPictures {
  /** All frames of views that are given, by view, on disk. */
  readonly views: ReadonlyMap<number, SpooledClip>;
  /** The picture of frame 0 of each view, where that instant is given. */
  readonly instant?: readonly Uint8Array[];

  constructor(views: ReadonlyMap<number, SpooledClip>, instant?: readonly Uint8Array[]) {
    this.views = views;
    this.instant = instant;
  }

  /** The given picture of a view's frame, if it is one. */
  async picture(
    { view, frame }: { readonly view: number; readonly frame: number },
  ): Promise<Uint8Array | undefined> {
    const clip = this.views.get(view);
    if (clip) return await clip.frame(frame);
    return frame === 0 ? this.instant?.[view] : undefined;
  }

  /** Gives up the pictures. */
  [Symbol.dispose](): void {
    for (const clip of this.views.values()) clip[Symbol.dispose]();
  }
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
  const found = new Map<number, SpooledClip>();
  const given = new GivenPictures(found);
  try {
    for (const { view, video } of givenViews) {
      const pictures = openPictures(video, { width, height, fps, maxFrames: frames });
      const held = holdLast(pictures, frames, (there) =>
        onNotice?.(
          `"${video}" ends after ${there} of ${frames} frames: its last picture is held`,
        ));
      found.set(view, await SpooledClip.fill({ width, height, fps, frames: held }));
    }
    if (!givenTime) return given;
    return new GivenPictures(found, await readInstant(givenTime.video, { width, height, views }));
  } catch (error) {
    given[Symbol.dispose]();
    throw error;
  }
}

/** One picture a view, evenly along a clip. */
async function readInstant(
  video: string,
  { width, height, views }: ClipSize & { readonly views: number },
): Promise<Uint8Array[]> {
  const frames = openPictures(video, { width, height });
  using orbit = await SpooledClip.fill({ width, height, fps: 1, frames });
  if (orbit.frames < views) {
    throw new InputError(
      `"${video}" has ${orbit.frames} pictures for ${views} views, expected one for each at least`,
    );
  }
  const spacing = views > 1 ? (orbit.frames - 1) / (views - 1) : 0;
  const pictures: Uint8Array[] = [];
  for (let view = 0; view < views; view++) {
    pictures.push(await orbit.frame(Math.round(view * spacing)));
  }
  return pictures;
}

async function* holdLast(
  pictures: AsyncIterable<Uint8Array>,
  frames: number,
  onEnd: (there: number) => void,
): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined;
  let there = 0;
  for await (const picture of pictures) {
    there++;
    yield last = picture;
  }
  if (there < frames) onEnd(there);
  for (; there < frames; there++) yield last!;
}

interface ClipSize {
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
  readonly maxFrames?: number;
}

/** A clip's pictures, cut to cover the size; numbered pictures have no rate of their own. */
async function* openPictures(
  path: string,
  { width, height, fps, maxFrames }: ClipSize,
): AsyncGenerator<Uint8Array> {
  if (isSequencePattern(path)) {
    for (const file of (await filesOfClip(path)).slice(0, maxFrames)) {
      yield (await readImage(file, { width, height })).data;
    }
    return;
  }
  const { frames } = await openVideo(path, { width, height, fps, maxFrames });
  let empty = true;
  for await (const picture of frames) {
    empty = false;
    yield picture;
  }
  if (empty) throw new InputError(`"${path}" has no frames`);
}
