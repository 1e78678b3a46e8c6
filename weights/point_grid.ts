/**
 * Nearest points by a grid of cells.
 * @module
 */

const NONE: readonly number[] = [];

/** Cells that share a number share a list, which costs time alone. */
function hash(x: number, y: number, z: number): number {
  return Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791);
}

/** Points [N*3] sorted into cells. */
export class PointGrid {
  readonly #points: Float64Array;
  readonly #cell: number;
  readonly #cells = new Map<number, number[]>();

  /** `cell` is the side of a cell. */
  constructor(points: Float64Array, cell: number) {
    this.#points = points;
    this.#cell = cell;
    for (let i = 0; i < points.length / 3; i++) {
      const [x, y, z] = [0, 1, 2].map((k) => Math.floor(points[i * 3 + k] / cell));
      const key = hash(x, y, z);
      const list = this.#cells.get(key);
      if (list) list.push(i);
      else this.#cells.set(key, [i]);
    }
  }

  /** Number of the nearest point within `reach` that `counts`; −1 for none. */
  nearest(at: ArrayLike<number>, reach: number, counts: (point: number) => boolean): number {
    const rings = Math.ceil(reach / this.#cell);
    const [x, y, z] = [0, 1, 2].map((k) => Math.floor(at[k] / this.#cell));
    let best = -1, nearest = reach * reach;
    for (let ring = 0; ring <= rings; ring++) {
      // Whatever lies farther out is at least so far away.
      if (best >= 0 && nearest <= ((ring - 1) * this.#cell) ** 2) break;
      for (let dx = -ring; dx <= ring; dx++) {
        for (let dy = -ring; dy <= ring; dy++) {
          const edge = Math.abs(dx) === ring || Math.abs(dy) === ring;
          for (let dz = -ring; dz <= ring; dz += edge || ring === 0 ? 1 : 2 * ring) {
            for (const i of this.#cells.get(hash(x + dx, y + dy, z + dz)) ?? NONE) {
              const away = this.#distance(i, at);
              if (away < nearest && counts(i)) [best, nearest] = [i, away];
            }
          }
        }
      }
    }
    return best;
  }

  #distance(i: number, at: ArrayLike<number>): number {
    const p = this.#points;
    return (p[i * 3] - at[0]) ** 2 + (p[i * 3 + 1] - at[1]) ** 2 + (p[i * 3 + 2] - at[2]) ** 2;
  }
}
