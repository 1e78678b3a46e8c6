/**
 * Whether a clip's camera stands, turns, or moves, from corners of what is not a person.
 * @module
 */
import { median } from "../../geometry/mod.ts";
import type { Rgb } from "../picture.ts";
import type { PersonMask } from "../types.ts";
import { type Corner, corners } from "./corners.ts";
import { followCorners, type GreyLevels, greyLevels } from "./follow.ts";
import { chained, findMove, IDENTITY, inverted, moved, rescaled } from "./homography.ts";
import { gradientOf } from "./picture_channels.ts";
import { distance, turningOf } from "./turning.ts";

/** What a clip's camera does. */
export interface CameraMotion {
  /**
   * It stands still; it turns where it stands, lens unchanged; or it does something that is not solved
   * here: goes through space, zooms, or shows too little that stands still.
   */
  readonly kind: "still" | "turning" | "moving";
  /** One line for people. */
  readonly says: string;
  /**
   * A frame: where what frame 0 shows at a pixel lies now, row-major 3×3; middles of pixels are whole
   * numbers. Of a moving camera only near what most corners follow.
   */
  readonly homographies: readonly Float64Array[];
  /** A frame: share of the corners in view that are found where the homography says, 0 to 1. */
  readonly agreement: readonly number[];
  /** A frame, of a turning camera: world to camera, row-major 3×3, the identity in frame 0. */
  readonly rotations?: readonly Float64Array[];
  /** Pixels, of a camera that turned enough to tell. */
  readonly focal?: number;
}

/** Pixels across of the picture that corners are sought in. */
const WIDTH = 480;
const MOST = 240;
const BORDER = 10;
/** Pixels of the small picture to which a match may be off. */
const REACH = 1;
/** Share of these corners still followed, below which new ones are sought. */
const WORN = 0.5;
/** A camera whose picture's corners move less than this, in small pixels, stands still. */
const STILL = 1.2;
/** Pixels around persons in which nothing is followed. */
const AROUND = 4;
/**
 * To believe a homography, in most frames so many corners in view have to agree, and of those that are
 * found again so many: some are lost to blur and light, but few may move otherwise.
 */
const AGREED = 0.35;
const UNITED = 0.75;
/** A clip with fewer corners in most frames tells nothing. */
const LEAST = 15;
/** Share of the width by which turning may miss the corners of the picture. */
const TURNING_OFF = 0.006;

interface Key {
  readonly levels: GreyLevels;
  readonly corners: readonly Corner[];
  /** Frame 0 → this frame, small pixels. */
  readonly h: Float64Array;
}

/** Watches a clip's camera frame by frame. */
export class CameraWatcher {
  #size = { width: 0, height: 0 };
  #step = 1;
  #key: Key | undefined;
  /** Frame 0 → the last two frames, small pixels. */
  #last: readonly [Float64Array, Float64Array] = [IDENTITY, IDENTITY];
  readonly #homographies: Float64Array[] = [];
  readonly #agreement: number[] = [];
  readonly #followed: number[] = [];
  /** Of the corners that are found again, the share that moves as one. */
  readonly #unity: number[] = [];

  /** The next frame and everybody in it. */
  see(picture: Rgb, persons: readonly PersonMask[]): void {
    const { width, height } = picture;
    this.#size = { width, height };
    this.#step = Math.max(1, Math.round(width / WIDTH));
    const levels = greyLevels(picture, this.#step);
    const open = openOf(levels[0], persons, this.#step);
    if (this.#key === undefined) {
      this.#key = keyOf(levels, open, IDENTITY);
      this.#note(IDENTITY, { followed: this.#key.corners.length, agreement: 1, unity: 1 });
      return;
    }
    const key = this.#key;
    const isOpen = ({ x, y }: Corner) => {
      const { width, height } = levels[0];
      const inside = Math.min(x, y, width - 1 - x, height - 1 - y) >= BORDER;
      return inside && open[Math.round(y) * width + Math.round(x)] !== 0;
    };
    // As if it went on as it did.
    const [before, last] = this.#last;
    const next = chained(last, chained(inverted(before), last));
    const guess = chained(next, inverted(key.h));
    const matches = followCorners(key.levels, levels, { corners: key.corners, guess })
      .filter(({ to }) => isOpen(to));
    const found = findMove(matches, { reach: REACH, start: guess });
    const h = found?.h ?? chained(last, inverted(key.h));
    const all = chained(h, key.h);
    this.#last = [last, all];
    const inView = key.corners.filter((corner) => isOpen(moved(h, corner)));
    this.#note(all, {
      followed: matches.length,
      agreement: found ? found.inliers.length / inView.length : 0,
      unity: found ? found.inliers.length / matches.length : 0,
    });
    if (matches.length < WORN * key.corners.length || matches.length < LEAST) {
      this.#key = keyOf(levels, open, all);
    }
  }

  #note(
    h: Float64Array,
    { followed, agreement, unity }: {
      readonly followed: number;
      readonly agreement: number;
      readonly unity: number;
    },
  ): void {
    this.#homographies.push(rescaled(h, this.#step));
    this.#followed.push(followed);
    this.#agreement.push(agreement);
    this.#unity.push(unity);
  }

  /** What the camera did, of all frames so far. */
  motion(): CameraMotion {
    const agreement = [...this.#agreement];
    const found = { homographies: [...this.#homographies], agreement };
    const still = { ...found, homographies: agreement.map(() => IDENTITY) };
    const frames = agreement.length;
    if (medianOf(this.#followed) < LEAST) {
      const says = "too little around the persons can be followed: the camera is treated as still";
      return { ...still, kind: "still", says };
    }
    const one = medianOf(agreement) >= AGREED && medianOf(this.#unity) >= UNITED;
    const drift = found.homographies.map((h) => distance(h, IDENTITY, this.#size) / this.#step);
    if (one && Math.max(...drift) < STILL) {
      return { ...still, kind: "still", says: `the camera stands still over all ${frames} frames` };
    }
    const { off, focal, sure, rotations } = turningOf(found.homographies, this.#size);
    const turns = off <= TURNING_OFF * this.#size.width;
    if (one && turns) {
      const by = Math.max(...rotations.map(degrees)).toFixed(1);
      const lens = sure ? `, its lens ${focal.toFixed(0)} pixels` : "";
      const says = `the camera turns in place, by up to ${by}°${lens}`;
      return { ...found, kind: "turning", says, rotations, focal: sure ? focal : undefined };
    }
    const why = turns
      ? `of what can be followed only ${(100 * medianOf(this.#unity)).toFixed(0)} % moves as one`
      : `turning alone misses by ${off.toFixed(0)} pixels`;
    const says = `the camera moves through space or zooms (${why}), which isa4d cannot solve`;
    return { ...found, kind: "moving", says };
  }
}

function keyOf(levels: GreyLevels, open: Uint8Array, h: Float64Array): Key {
  const found = corners(gradientOf(levels[0]), { most: MOST, border: BORDER, open });
  return { levels, corners: found, h };
}

/** 1 where nobody is near. */
function openOf(
  { width, height }: { readonly width: number; readonly height: number },
  persons: readonly PersonMask[],
  step: number,
): Uint8Array {
  const open = new Uint8Array(width * height).fill(1);
  for (const person of persons) {
    for (let v = 0; v < height; v++) {
      for (let u = 0; u < width; u++) {
        if (person.data[v * step * person.width + u * step] < 32) continue;
        for (let y = Math.max(0, v - AROUND); y <= Math.min(height - 1, v + AROUND); y++) {
          open.fill(
            0,
            y * width + Math.max(0, u - AROUND),
            y * width + Math.min(width, u + AROUND + 1),
          );
        }
      }
    }
  }
  return open;
}

const medianOf = (values: readonly number[]) => median(values) ?? 0;

/** Of a rotation. */
function degrees(r: ArrayLike<number>): number {
  return Math.acos(Math.min(1, Math.max(-1, (r[0] + r[4] + r[8] - 1) / 2))) * 180 / Math.PI;
}
