/**
 * A person's soft shadow on the floor. It stays faint, because evaluation takes what differs from the
 * empty scene by more than 0.1 as the person.
 * @module
 */
import type { Light } from "./scene.ts";

/** Largest darkening of any channel, of 0..1. */
export const SHADOW_LIMIT = 0.07;

const SIDE = 96;
const METRES = 4.8;
const CELL = METRES / SIDE;
/** Parts below this height also shade the floor straight under them, in metres. */
const CONTACT = 0.12;

/** How much of the light each patch of floor around the person loses, 0..1. */
export interface Shadow {
  /** [SIDE*SIDE], rows along z. */
  readonly cover: Float32Array;
  /** World x and z of the grid's corner. */
  readonly corner: readonly [number, number];
}

/** The shadow of body vertices [V*3]; `centre` is the person's place. */
export function castShadow(
  vertices: Float32Array,
  light: Light,
  centre: ArrayLike<number>,
): Shadow {
  const corner = [centre[0] - METRES / 2, centre[2] - METRES / 2] as const;
  let cover = new Float32Array(SIDE * SIDE);
  const [lx, ly, lz] = light.direction;
  const mark = (x: number, z: number, weight: number) => {
    const column = Math.floor((x - corner[0]) / CELL), row = Math.floor((z - corner[1]) / CELL);
    if (column < 0 || row < 0 || column >= SIDE || row >= SIDE) return;
    cover[row * SIDE + column] = Math.max(cover[row * SIDE + column], weight);
  };
  for (let v = 0; v < vertices.length; v += 3) {
    const y = Math.max(0, vertices[v + 1]);
    // Light from lamps and sky is not parallel: what is high casts less.
    mark(vertices[v] - lx / ly * y, vertices[v + 2] - lz / ly * y, 0.75 / (1 + 0.5 * y));
    if (y < CONTACT) mark(vertices[v], vertices[v + 2], 1);
  }
  for (let pass = 0; pass < 3; pass++) cover = blurred(cover);
  return { cover, corner };
}

/** Cover at a place of the floor, 0..1. */
export function shadowAt({ cover, corner }: Shadow, x: number, z: number): number {
  const u = (x - corner[0]) / CELL - 0.5, v = (z - corner[1]) / CELL - 0.5;
  if (!(u >= 0 && v >= 0 && u < SIDE - 1 && v < SIDE - 1)) return 0;
  const column = Math.floor(u), row = Math.floor(v);
  const fx = u - column, fy = v - row;
  const at = row * SIDE + column;
  return (cover[at] * (1 - fx) + cover[at + 1] * fx) * (1 - fy) +
    (cover[at + SIDE] * (1 - fx) + cover[at + SIDE + 1] * fx) * fy;
}

function blurred(cover: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(cover.length);
  for (let y = 1; y < SIDE - 1; y++) {
    for (let x = 1; x < SIDE - 1; x++) {
      const at = y * SIDE + x;
      const sum = cover[at - SIDE - 1] + cover[at - SIDE] + cover[at - SIDE + 1] +
        cover[at - 1] + cover[at] * 2 + cover[at + 1] +
        cover[at + SIDE - 1] + cover[at + SIDE] + cover[at + SIDE + 1];
      out[at] = sum / 10;
    }
  }
  return out;
}
