/**
 * A video's frames and whom they show: what the cache knows is taken from there, the rest is seen now
 * and kept, so that a pass that was cut off goes on where it was.
 * @module
 */
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { removeQuietly, type VideoReader } from "../../io/mod.ts";
import { type FollowedFrame, type Following, trackPersons } from "../../perception/mod.ts";
import type { Rgb, SeenFrame } from "../../perception/mod.ts";
import { readSeen, type SeenFrames, writeSeen } from "../seen_file.ts";

/** Frames a file: so many at most are seen again after a crash. */
const TOGETHER = 16;
/** Most persons that are followed. */
export const MOST_PERSONS = 6;

const fileOf = (folder: string, first: number) =>
  join(folder, `seen-${String(first).padStart(6, "0")}.npz`);

/** The frames that the folder knows, from the first on, a file at a time. */
export async function* recallFrames(
  folder: string,
  options: { readonly masks?: boolean } = {},
): AsyncGenerator<SeenFrames> {
  for (let first = 0;;) {
    const path = fileOf(folder, first);
    const found = await readSeen(path, options).catch(async (error) => {
      if (!(error instanceof InputError)) throw error;
      // A damaged file is as good as none: its frames are seen again.
      await removeQuietly(path);
    });
    if (!found) return;
    yield found;
    first += found.frames.length;
  }
}

/** A frame's picture and whom it shows. */
export interface FrameSeen {
  readonly picture: Rgb;
  readonly seen: SeenFrame;
}

/**
 * All frames of a video, which begins with its first one. Throws what the video and `trackPersons`
 * throw, and {@linkcode IoError} where the folder cannot be written.
 */
export async function* seenFrames(
  { width, height, fps, frames }: VideoReader,
  folder: string,
): AsyncGenerator<FrameSeen> {
  let after: Following | undefined;
  for await (const { frames: recalled, following } of recallFrames(folder)) {
    for (const seen of recalled) {
      const { value: data, done } = await frames.next();
      if (done) return;
      yield { picture: { width, height, data }, seen };
    }
    after = following;
  }
  let data = new Uint8Array();
  const rest = async function* () {
    for await (data of frames) yield data;
  };
  const keeper = new FrameKeeper(folder);
  try {
    const live = { width, height, fps, frames: rest() };
    for await (const seen of trackPersons(live, { after, most: MOST_PERSONS })) {
      await keeper.keep(seen);
      yield { picture: { width, height, data }, seen };
    }
  } finally {
    await keeper.close();
  }
}

/** Writes frames that were seen just now; `close` writes what came last. */
class FrameKeeper {
  readonly #folder: string;
  #frames: FollowedFrame[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(frame: FollowedFrame): Promise<void> {
    this.#frames.push(frame);
    if (this.#frames.length === TOGETHER) await this.close();
  }

  async close(): Promise<void> {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    await writeSeen(fileOf(this.#folder, frames[0].index), {
      frames,
      following: frames[frames.length - 1].following,
    });
  }
}
