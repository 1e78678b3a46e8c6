/**
 * A clip's empty scene as its frames show it.
 * @module
 */
import { IDENTITY, inverted, moved } from "../camera/mod.ts";
import type { Rgb } from "../picture.ts";
import type { PersonMask } from "../types.ts";
import { closedOf, type EmptyScene } from "./keep.ts";
import { grown } from "./patches.ts";
import { smoothly } from "./smooth.ts";

/** Pixels around persons at which the light of scene and frame is compared. */
const RIM = 3;

/** Which frame shows the scene. */
export interface ShowOptions {
  /** The frame's homography from frame 0; none for a camera that stands. */
  readonly way?: ArrayLike<number>;
  /** Pixels; the scene's own unless told. */
  readonly width?: number;
  /** See `width`. */
  readonly height?: number;
}

/** The scene as a frame shows it, rgb24. */
export function sceneFrame(scene: Omit<EmptyScene, "seen">, options: ShowOptions = {}): Uint8Array {
  const { width = scene.width, height = scene.height } = options;
  const out = new Uint8Array(width * height * 3);
  const show = shower(scene, options.way);
  for (let i = 0; i < width * height; i++) show(out, 3 * i, i % width, Math.floor(i / width));
  return out;
}

/**
 * A frame whose persons gave way to the scene, rgb24: elsewhere it is as it was, and the scene takes on
 * its light.
 */
export function withoutThem(
  frame: Rgb,
  { scene, persons, way }: {
    readonly scene: Omit<EmptyScene, "seen">;
    readonly persons: readonly PersonMask[];
    /** As in {@linkcode ShowOptions}. */
    readonly way?: ArrayLike<number>;
  },
): Uint8Array {
  const { width, height, data } = frame;
  const out = data.slice();
  const closed = closedOf(persons, frame);
  const wide = grown(closed, { width, height, reach: RIM });
  const rim = wide.map((value, i) => value - closed[i]);
  if (!wide.includes(1)) return out;
  const behind = new Uint8Array(out.length);
  const off = new Float32Array(out.length);
  const show = shower(scene, way);
  for (let i = 0; i < wide.length; i++) {
    if (wide[i] === 0) continue;
    show(behind, 3 * i, i % width, Math.floor(i / width));
    for (let k = 3 * i; k < 3 * i + 3; k++) if (rim[i] !== 0) off[k] = data[k] - behind[k];
  }
  smoothly(off, { width, height, known: rim, channels: 3 });
  for (let i = 0; i < closed.length; i++) {
    if (closed[i] === 0) continue;
    for (let k = 3 * i; k < 3 * i + 3; k++) {
      out[k] = Math.max(0, Math.min(255, Math.round(behind[k] + off[k])));
    }
  }
  return out;
}

/** Writes what the scene has at a frame's pixel. */
function shower(
  { left, top, width, height, data }: Omit<EmptyScene, "seen">,
  way: ArrayLike<number> = IDENTITY,
): (out: Uint8Array, to: number, x: number, y: number) => void {
  const back = inverted(way);
  return (out, to, x, y) => {
    const at = moved(back, { x, y });
    const u = Math.max(0, Math.min(width - 1.001, at.x - left));
    const v = Math.max(0, Math.min(height - 1.001, at.y - top));
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [fx, fy] = [u - column, v - row];
    const k = (row * width + column) * 3;
    const below = k + width * 3;
    for (let c = 0; c < 3; c++) {
      const upper = data[k + c] + fx * (data[k + 3 + c] - data[k + c]);
      const lower = data[below + c] + fx * (data[below + 3 + c] - data[below + c]);
      out[to + c] = upper + fy * (lower - upper) + 0.5;
    }
  };
}
