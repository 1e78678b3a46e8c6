/**
 * The soft shadow under persons who stand in a given background, as much of it as any light throws:
 * dark where soles touch the floor, faint around.
 * @module
 */
import { type Camera, cameraCentre, projectPoints } from "../geometry/mod.ts";
import type { PosedSurface } from "./surface.ts";

/** A surface over the floor, which is the world's y = 0. */
export interface ShadowCaster {
  readonly posed: Pick<PosedSurface, "vertices">;
  /** Vertices that count. */
  readonly vertices: Uint32Array;
}

/** Side of a cell of the floor, metres. */
const CELL = 0.03;
/** Free cells around the persons. */
const MARGIN = 8;
/** Parts below this height touch the floor; who is lower than this below it does not stand on it, metres. */
const CONTACT = 0.1;
const BELOW = 0.2;
/** Height from which on nothing throws a shadow, metres. */
const HIGH = 2;
/** Share of the light that the floor loses under a sole, and under the rest of the body. */
const DARK = { contact: 0.14, around: 0.1 } as const;
/** How often neighbouring cells are averaged. */
const SOFT = { contact: 1, around: 4 } as const;

/** A map of the floor. */
interface FloorMap {
  readonly columns: number;
  readonly rows: number;
  /** World x and z of the first cell's middle, metres. */
  readonly x: number;
  readonly z: number;
  /** [rows·columns] share of the light that is lost. */
  readonly lost: Float32Array;
}

/** Darkens the floor in a picture, rgb24 of the camera's size, under what stands on it. */
export function darkenFloor(
  rgb: Uint8Array,
  camera: Camera,
  casters: readonly ShadowCaster[],
): void {
  const standing = casters.filter(stands);
  if (standing.length === 0) return;
  const map = floorMap(standing);
  const { width, rotation: r } = camera;
  const [ex, ey, ez] = cameraCentre(camera);
  if (ey <= 0) return;
  const box = boxOf(map, camera);
  for (let row = box.top; row < box.bottom; row++) {
    const v = (row + 0.5 - camera.cy) / camera.fy;
    for (let column = box.left; column < box.right; column++) {
      const u = (column + 0.5 - camera.cx) / camera.fx;
      const down = r[1] * u + r[4] * v + r[7];
      if (down >= 0) continue;
      const far = -ey / down;
      const x = ex + far * (r[0] * u + r[3] * v + r[6]);
      const z = ez + far * (r[2] * u + r[5] * v + r[8]);
      const left = 1 - lostAt(map, x, z);
      if (left === 1) continue;
      const at = (row * width + column) * 3;
      for (let k = at; k < at + 3; k++) rgb[k] = Math.round(rgb[k] * left);
    }
  }
}

function stands({ posed: { vertices: p }, vertices }: ShadowCaster): boolean {
  let lowest = Infinity;
  for (const v of vertices) lowest = Math.min(lowest, p[v * 3 + 1]);
  return lowest > -BELOW && lowest < HIGH;
}

function floorMap(casters: readonly ShadowCaster[]): FloorMap {
  const least = [Infinity, Infinity], most = [-Infinity, -Infinity];
  for (const { posed: { vertices: p }, vertices } of casters) {
    for (const v of vertices) {
      for (const axis of [0, 1]) {
        const place = p[v * 3 + axis * 2];
        least[axis] = Math.min(least[axis], place);
        most[axis] = Math.max(most[axis], place);
      }
    }
  }
  const [x, z] = least.map((place) => place - MARGIN * CELL);
  const [columns, rows] = [0, 1].map((axis) =>
    Math.ceil((most[axis] - least[axis]) / CELL) + 2 * MARGIN + 1
  );
  let contact = new Float32Array(columns * rows), around = new Float32Array(columns * rows);
  for (const { posed: { vertices: p }, vertices } of casters) {
    for (const v of vertices) {
      const y = Math.max(0, p[v * 3 + 1]);
      if (y >= HIGH) continue;
      const cell = Math.round((p[v * 3 + 2] - z) / CELL) * columns +
        Math.round((p[v * 3] - x) / CELL);
      // What is high hides little of the light that comes from all around.
      around[cell] = Math.max(around[cell], (1 - y / HIGH) / (1 + y));
      if (y < CONTACT) contact[cell] = Math.max(contact[cell], 1 - y / CONTACT);
    }
  }
  for (let i = 0; i < SOFT.contact; i++) contact = blurred(contact, columns);
  for (let i = 0; i < SOFT.around; i++) around = blurred(around, columns);
  const lost = around.map((share, i) => share * DARK.around + contact[i] * DARK.contact);
  return { columns, rows, x, z, lost };
}

/** Means of 3×3 cells; the outermost are 0. */
function blurred(values: Float32Array, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let at = columns + 1; at < values.length - columns - 1; at++) {
    if (at % columns === 0 || at % columns === columns - 1) continue;
    let sum = 0;
    for (let row = at - columns; row <= at + columns; row += columns) {
      sum += values[row - 1] + values[row] + values[row + 1];
    }
    out[at] = sum / 9;
  }
  return out;
}

/** Between the cells around a place; 0 outside. */
function lostAt({ columns, rows, x, z, lost }: FloorMap, px: number, pz: number): number {
  const u = (px - x) / CELL, v = (pz - z) / CELL;
  if (!(u >= 0 && v >= 0 && u < columns - 1 && v < rows - 1)) return 0;
  const column = Math.floor(u), row = Math.floor(v), at = row * columns + column;
  const fu = u - column, fv = v - row;
  return (lost[at] * (1 - fu) + lost[at + 1] * fu) * (1 - fv) +
    (lost[at + columns] * (1 - fu) + lost[at + columns + 1] * fu) * fv;
}

/** The part of a picture in which the map lies; all of it where the map reaches behind the camera. */
function boxOf(
  { columns, rows, x, z }: FloorMap,
  camera: Camera,
): Record<"left" | "right" | "top" | "bottom", number> {
  const { width, height } = camera;
  const corners = [0, columns - 1].flatMap((column) =>
    [0, rows - 1].flatMap((row) => [x + column * CELL, 0, z + row * CELL])
  );
  const { uv, depth } = projectPoints(camera, Float32Array.from(corners));
  if (depth.some((far) => far < 0.05)) return { left: 0, right: width, top: 0, bottom: height };
  const us = uv.filter((_, i) => i % 2 === 0), vs = uv.filter((_, i) => i % 2 === 1);
  const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
  return {
    left: within(Math.floor(Math.min(...us)), width),
    right: within(Math.ceil(Math.max(...us)), width),
    top: within(Math.floor(Math.min(...vs)), height),
    bottom: within(Math.ceil(Math.max(...vs)), height),
  };
}
