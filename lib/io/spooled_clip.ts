/**
 * Clips that are read more than once and may be too large for memory.
 * @module
 */
import { type FrameStream, Spool } from "./mod.ts";

/** A clip's frames on disk, to be read once for every tile. */
export class SpooledClip {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** How many there are. */
  readonly frames: number;
  readonly #spool: Spool;

  private constructor(clip: FrameStream, frames: number, spool: Spool) {
    this.width = clip.width;
    this.height = clip.height;
    this.fps = clip.fps;
    this.frames = frames;
    this.#spool = spool;
  }

  /** Takes all frames in. Free it after use. */
  static async fill(clip: FrameStream, signal?: AbortSignal): Promise<SpooledClip> {
    const spool = await Spool.open();
    let frames = 0;
    try {
      for await (const frame of clip.frames) {
        signal?.throwIfAborted();
        spool.write(frames++ * clip.width * clip.height * 3, frame);
      }
      return new SpooledClip(clip, frames, spool);
    } catch (error) {
      spool.dispose();
      throw error;
    }
  }

  /** Frame `index`, rgb24. */
  frame(index: number): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.read(index));
  }

  /** The same at once. */
  read(index: number): Uint8Array<ArrayBuffer> {
    const size = this.width * this.height * 3;
    return this.#spool.read(index * size, size);
  }

  /** All frames, from the first on. */
  stream(): FrameStream {
    const { width, height, fps } = this;
    return { width, height, fps, frames: this.#each() };
  }

  async *#each(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let index = 0; index < this.frames; index++) yield await this.frame(index);
  }

  /** Gives up the frames. */
  [Symbol.dispose](): void {
    this.#spool.dispose();
  }
}
