/**
 * Marks on persons: corners of clothes, hair and skin that are followed from frame to frame. They say
 * nothing of where a joint is, and to a fraction of a pixel how what they lie on has moved.
 * @module
 */
import {
  type Corner,
  corners,
  followCorners,
  gradientOf,
  type GreyLevels,
  greyLevels,
  IDENTITY,
} from "./camera/mod.ts";
import type { Rgb } from "./picture.ts";
import type { PersonMask } from "./types.ts";

/** A mark's way. */
export interface MarkPath {
  /** The person's number in the frames. */
  readonly person: number;
  /** The first frame that shows it. */
  readonly first: number;
  /** Pixels, [frames·2] from there on without a gap. */
  readonly xy: readonly number[];
}

/** Pixels across of the picture in which marks are followed. */
const WIDTH = 640;
/** Marks of a person at a time. */
const MOST = 40;
/** Frames after which new marks are sought. */
const EVERY = 12;
/** Pixels between two marks. */
const APART = 7;
/** Pixels from the picture's edges. */
const BORDER = 9;
/** Who is followed back has to be found where it was, to within so many pixels. */
const BACK = 0.5;
/** Of 255: what is less of a person is its edge, which moves over what is behind; between the levels that are kept. */
const INSIDE = 196;
/** Shorter ways say nothing, frames. */
const SHORTEST = 4;

interface LiveMark {
  readonly path: { readonly person: number; readonly first: number; readonly xy: number[] };
  at: Corner;
}

/** Somebody in a frame. */
interface Masked {
  readonly id: number;
  readonly mask?: PersonMask;
}

/** Follows marks frame by frame. */
export class MarkWatcher {
  #step = 1;
  #frame = 0;
  #last: GreyLevels | undefined;
  #live: LiveMark[] = [];
  readonly #paths: MarkPath[] = [];

  /** The next frame and everybody in it. */
  see(picture: Rgb, persons: readonly Masked[]): void {
    this.#step = Math.max(1, Math.round(picture.width / WIDTH));
    const levels = greyLevels(picture, this.#step);
    if (this.#last) this.#follow(this.#last, levels, persons);
    if (this.#frame % EVERY === 0) this.#begin(levels, persons);
    this.#last = levels;
    this.#frame++;
  }

  /** All ways so far. */
  paths(): MarkPath[] {
    return this.#paths.filter(({ xy }) => xy.length >= SHORTEST * 2);
  }

  #follow(from: GreyLevels, to: GreyLevels, persons: readonly Masked[]): void {
    const guess = IDENTITY;
    const marks = new Map(this.#live.map((mark) => [mark.at, mark]));
    const there = followCorners(from, to, { corners: [...marks.keys()], guess });
    const mark = new Map(there.map(({ from, to }) => [to, marks.get(from)!]));
    const back = followCorners(to, from, { corners: [...mark.keys()], guess });
    this.#live = back.flatMap(({ from: now, to: was }) => {
      const live = mark.get(now)!;
      const off = Math.hypot(was.x - live.at.x, was.y - live.at.y);
      const mask = persons.find(({ id }) => id === live.path.person)?.mask;
      if (off > BACK || !mask || !this.#isOn(mask, now)) return [];
      live.at = now;
      this.#note(live);
      return [live];
    });
  }

  #begin(levels: GreyLevels, persons: readonly Masked[]): void {
    const [{ width, height }] = levels;
    const free = new Uint8Array(width * height).fill(1);
    const close = ({ x, y }: Corner) => {
      for (let v = Math.max(0, Math.ceil(y - APART)); v <= Math.min(height - 1, y + APART); v++) {
        const from = v * width;
        free.fill(
          0,
          from + Math.max(0, Math.ceil(x - APART)),
          from + Math.min(width, Math.floor(x + APART) + 1),
        );
      }
    };
    for (const { at } of this.#live) close(at);
    const gradient = gradientOf(levels[0]);
    for (const { id, mask } of persons) {
      let wanted = MOST - this.#live.filter(({ path }) => path.person === id).length;
      if (!mask || wanted <= 0) continue;
      const open = free.map((value, i) =>
        value && this.#isOn(mask, { x: i % width, y: Math.floor(i / width) }) ? 1 : 0
      );
      for (const at of corners(gradient, { most: 4 * MOST, border: BORDER, open })) {
        const place = Math.round(at.y) * width + Math.round(at.x);
        if (wanted === 0) break;
        if (free[place] === 0) continue;
        close(at);
        wanted--;
        const live: LiveMark = { path: { person: id, first: this.#frame, xy: [] }, at };
        this.#paths.push(live.path);
        this.#live.push(live);
        this.#note(live);
      }
    }
  }

  #isOn({ width, data, height }: PersonMask, { x, y }: Corner): boolean {
    const [u, v] = [x, y].map((value) => Math.round((value + 0.5) * this.#step - 0.5));
    return u >= 0 && v >= 0 && u < width && v < height && data[v * width + u] >= INSIDE;
  }

  /** Pixels of the picture, whose corner is 0. */
  #note({ path, at }: LiveMark): void {
    path.xy.push((at.x + 0.5) * this.#step, (at.y + 0.5) * this.#step);
  }
}
