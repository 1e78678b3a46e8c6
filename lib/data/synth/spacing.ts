/**
 * Room between people: which cells of space each takes in each frame.
 * @module
 */

/** Side of a cell in metres; people stay at least one cell apart. */
export const CELL = 0.1;

/** Cells of one frame inside a box of its own. */
interface Cells {
  /** Smallest cell of the box, and how many it has, along x, y, z. */
  readonly corner: readonly number[];
  readonly size: readonly number[];
  /** 1 where a cell or one that touches it is taken. */
  readonly near: Uint8Array;
  /** Taken cells, (x, y, z) each. */
  readonly taken: Int32Array;
}

/** The space that somebody takes over a clip. */
export type Occupancy = readonly Cells[];

/** The cells that some of the vertices [V*3] of each frame lie in. */
export function occupancy(
  frames: Iterable<Float32Array>,
  vertexNumbers: Iterable<number>,
): Occupancy {
  const numbers = [...vertexNumbers];
  return Array.from(frames, (vertices) => cellsOf(vertices, numbers));
}

/**
 * Whether `moved`, shifted by whole cells along x and z, keeps clear of `other` in every frame, and
 * between neighbouring ones: at 8 frames a second a runner could else go through somebody unseen.
 */
export function keepsClear(
  moved: Occupancy,
  other: Occupancy,
  [shiftX, shiftZ]: readonly [number, number],
): boolean {
  for (let frame = 0; frame < moved.length; frame++) {
    for (let step = -1; step <= 1; step++) {
      const against = other[frame + step];
      if (against && touches(moved[frame].taken, against, shiftX, shiftZ)) return false;
    }
  }
  return true;
}

function touches(taken: Int32Array, other: Cells, shiftX: number, shiftZ: number): boolean {
  const { corner: [left, low, back], size: [width, height, depth], near } = other;
  for (let i = 0; i < taken.length; i += 3) {
    const x = taken[i] + shiftX - left, y = taken[i + 1] - low, z = taken[i + 2] + shiftZ - back;
    if (x < 0 || y < 0 || z < 0 || x >= width || y >= height || z >= depth) continue;
    if (near[(z * height + y) * width + x]) return true;
  }
  return false;
}

function cellsOf(vertices: Float32Array, numbers: readonly number[]): Cells {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  const cells = new Int32Array(numbers.length * 3);
  for (let i = 0; i < cells.length; i++) {
    const k = i % 3;
    const cell = Math.floor(vertices[numbers[(i - k) / 3] * 3 + k] / CELL);
    cells[i] = cell;
    if (cell < low[k]) low[k] = cell;
    if (cell > high[k]) high[k] = cell;
  }
  const corner = low.map((cell) => cell - 1);
  const size = high.map((cell, k) => cell - corner[k] + 2);
  const place = (x: number, y: number, z: number) =>
    ((z - corner[2]) * size[1] + y - corner[1]) * size[0] + x - corner[0];
  const own = new Uint8Array(size[0] * size[1] * size[2]);
  const near = new Uint8Array(own.length);
  const taken: number[] = [];
  for (let i = 0; i < cells.length; i += 3) {
    const [x, y, z] = [cells[i], cells[i + 1], cells[i + 2]];
    const at = place(x, y, z);
    if (own[at]) continue;
    own[at] = 1;
    taken.push(x, y, z);
    for (let dz = -1; dz <= 1; dz++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) near[place(x + dx, y + dy, z + dz)] = 1;
      }
    }
  }
  return { corner, size, near, taken: Int32Array.from(taken) };
}
