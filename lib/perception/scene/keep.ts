/**
 * The empty scene of a clip: at each place the median of the moments when nobody stood there, and what
 * was never seen filled in from around.
 * @module
 */
import { type CameraMotion, inverted, moved } from "../camera/mod.ts";
import type { Rgb } from "../picture.ts";
import type { PersonMask } from "../types.ts";
import { fillHole } from "./fill.ts";
import { grown } from "./patches.ts";

/** A scene without persons. */
export interface EmptyScene extends Rgb {
  /** Column of frame 0 that the scene's left side is; below 0 where a turning camera saw more. */
  readonly left: number;
  /** See `left`. */
  readonly top: number;
  /** [height*width]: 1 where the clip showed the scene itself, 0 where it is filled in. */
  readonly seen: Uint8Array;
}

/** Bytes of frames that are kept. */
const BUDGET = 192e6;
/** Frames that are kept, at most and, of large ones, at least. */
const MOST = 24;
const FEWEST = 4;
/** A pixel with so much of a person, of 255, is not the scene. */
const PERSON = 12;
/** Nor what is nearer to one than this share of the picture's shorter side: hair, haze, blur. */
const AROUND = 0.012;
/** What fewer of the frames show that see a place at all may be a person's edge. */
const LEAST = 0.15;
/** A frame in which less than this share of the corners that usually agree does is left out. */
const ALIKE = 0.75;
/** A turning camera's scene is at most so many times as wide and high as a frame. */
const WIDEST = 3;

interface Moment {
  readonly index: number;
  readonly data: Uint8Array;
  /** 1 where persons are. */
  readonly closed: Uint8Array;
}

/** Keeps some of a clip's frames, evenly spread, however long it is. */
export class SceneKeeper {
  #size = { width: 0, height: 0 };
  #moments: Moment[] = [];
  #every = 1;
  #index = 0;

  /** The next frame and everybody in it. */
  see({ width, height, data }: Rgb, persons: readonly PersonMask[]): void {
    this.#size = { width, height };
    const index = this.#index++;
    if (index % this.#every !== 0) return;
    const closed = closedOf(persons, { width, height });
    this.#moments.push({ index, data: data.slice(), closed });
    const most = Math.max(FEWEST, Math.min(MOST, Math.floor(BUDGET / (4 * width * height))));
    if (this.#moments.length <= most) return;
    this.#every *= 2;
    this.#moments = this.#moments.filter((moment) => moment.index % this.#every === 0);
  }

  /**
   * The scene as a camera that stands or turns saw it, in frame 0's pixels. Of a camera that moves it is
   * frame 0 with the persons filled in.
   */
  scene(
    { kind, homographies, agreement }: Pick<CameraMotion, "kind" | "homographies" | "agreement">,
  ): EmptyScene {
    const [first] = this.#moments;
    const usual = agreement.toSorted((a, b) => a - b)[agreement.length >> 1] ?? 0;
    const moments = kind === "moving" ? [first] : this.#moments.filter(({ index }) =>
      // Not those that flash, fade or show something else.
      (agreement[index] ?? 0) >= ALIKE * usual
    );
    const frame = { left: 0, top: 0, ...this.#size };
    const turns = kind === "turning";
    const ways = moments.map(({ index }) => homographies[index]);
    const place = turns ? boundsOf(ways, this.#size) : frame;
    const { data, seen } = turns
      ? mosaic(moments, { ways, place, size: this.#size })
      : medians(moments, this.#size);
    const hole = seen.map((value) => 1 - value);
    return { ...place, data: fillHole({ ...place, data }, hole), seen };
  }
}

/**
 * A single picture with its persons filled in. Errors none; a picture that is all person stays as it is.
 */
export function withoutPersons(picture: Rgb, persons: readonly PersonMask[]): EmptyScene {
  const keeper = new SceneKeeper();
  keeper.see(picture, persons);
  return keeper.scene({ kind: "still", homographies: [], agreement: [] });
}

/** 1 where persons are, or may be: their edges are not to be trusted. */
export function closedOf(
  persons: readonly PersonMask[],
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (const { data } of persons) {
    for (let i = 0; i < mask.length; i++) if (data[i] >= PERSON) mask[i] = 1;
  }
  const reach = Math.ceil(AROUND * Math.min(width, height));
  return grown(mask, { width, height, reach });
}

interface Medians {
  readonly data: Uint8Array;
  readonly seen: Uint8Array;
}

function medians(
  moments: readonly Moment[],
  { width, height }: { readonly width: number; readonly height: number },
): Medians {
  const data = moments[0].data.slice();
  const seen = new Uint8Array(width * height);
  const values = [0, 1, 2].map(() => new Uint8Array(moments.length));
  for (let i = 0; i < seen.length; i++) {
    let count = 0;
    for (const { data, closed } of moments) {
      if (closed[i] !== 0) continue;
      for (let c = 0; c < 3; c++) values[c][count] = data[3 * i + c];
      count++;
    }
    if (count === 0 || count < LEAST * moments.length) continue;
    seen[i] = 1;
    for (let c = 0; c < 3; c++) data[3 * i + c] = median(values[c], count);
  }
  return { data, seen };
}

/** Of the first `count`; they are sorted. */
function median(values: Uint8Array, count: number): number {
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let at = i;
    for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
  return values[count >> 1];
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What all frames show, in frame 0's pixels. */
function boundsOf(
  ways: readonly Float64Array[],
  { width, height }: { readonly width: number; readonly height: number },
): Place {
  const corners = ways.flatMap((way) => {
    const back = inverted(way);
    return [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]]
      .map(([x, y]) => moved(back, { x, y }));
  });
  const span = (values: readonly number[], size: number): [number, number] => {
    const spare = (WIDEST - 1) / 2 * size;
    const from = Math.max(-spare, Math.floor(Math.min(0, ...values)));
    const to = Math.min(size + spare, Math.ceil(Math.max(size - 1, ...values)) + 1);
    return [from, to - from];
  };
  const [left, w] = span(corners.map(({ x }) => x), width);
  const [top, h] = span(corners.map(({ y }) => y), height);
  return { left, top, width: Math.round(w), height: Math.round(h) };
}

/** Medians over frames that are laid where a turning camera saw them. */
function mosaic(
  moments: readonly Moment[],
  { ways, place, size }: {
    readonly ways: readonly Float64Array[];
    readonly place: Place;
    readonly size: { readonly width: number; readonly height: number };
  },
): Medians {
  const { left, top, width, height } = place;
  const data = new Uint8Array(width * height * 3);
  const seen = new Uint8Array(width * height);
  const values = [0, 1, 2].map(() => new Uint8Array(moments.length));
  for (let i = 0; i < seen.length; i++) {
    const at = { x: i % width + left, y: Math.floor(i / width) + top };
    let [count, all] = [0, 0];
    for (const [m, { data: frame, closed }] of moments.entries()) {
      const { x, y } = moved(ways[m], at);
      const [u, v] = [Math.floor(x), Math.floor(y)];
      if (!(u >= 0 && v >= 0 && u < size.width - 1 && v < size.height - 1)) continue;
      all++;
      const from = v * size.width + u;
      if (closed[from] !== 0) continue;
      const [fx, fy] = [x - u, y - v];
      for (let c = 0; c < 3; c++) {
        const k = 3 * from + c;
        const above = frame[k] + fx * (frame[k + 3] - frame[k]);
        const k2 = k + 3 * size.width;
        const below = frame[k2] + fx * (frame[k2 + 3] - frame[k2]);
        values[c][count] = above + fy * (below - above) + 0.5;
      }
      count++;
    }
    if (count === 0 || count < LEAST * all) continue;
    seen[i] = 1;
    for (let c = 0; c < 3; c++) data[3 * i + c] = median(values[c], count);
  }
  return { data, seen };
}
