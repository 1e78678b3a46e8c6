/**
 * Nearest of many points: a k-d tree (Bentley 1975) over flat arrays.
 * @module
 */

/** Finds for a vertex the one of `some` that is nearest to it by `place`; undefined where there is none. */
export function nearestOf(
  some: Uint32Array,
  place: (v: number) => readonly [number, number, number],
): (v: number) => number | undefined {
  const tree = new NearestPoint(Float32Array.from([...some].flatMap(place)));
  return (v) => some.length > 0 ? some[tree.find(...place(v)).index] : undefined;
}

/** Points [N·3] that can be asked for the one nearest to a place. */
export class NearestPoint {
  readonly #points: Float32Array;
  /** Indices in the tree's order: the middle of each range splits it. */
  readonly #order: Uint32Array;

  constructor(points: Float32Array) {
    this.#points = points;
    this.#order = Uint32Array.from({ length: points.length / 3 }, (_, i) => i);
    this.#split(0, this.#order.length, 0);
  }

  /** Index of the nearest point and its squared distance; index −1 where there is no point. */
  find(x: number, y: number, z: number): { index: number; squared: number } {
    const best = { index: -1, squared: Infinity };
    this.#search([x, y, z], { from: 0, to: this.#order.length, axis: 0 }, best);
    return best;
  }

  #split(from: number, to: number, axis: number): void {
    if (to - from < 2) return;
    const points = this.#points;
    this.#order.subarray(from, to).sort((a, b) => points[a * 3 + axis] - points[b * 3 + axis]);
    const middle = (from + to) >> 1, next = (axis + 1) % 3;
    this.#split(from, middle, next);
    this.#split(middle + 1, to, next);
  }

  #search(
    place: readonly number[],
    { from, to, axis }: { from: number; to: number; axis: number },
    best: { index: number; squared: number },
  ): void {
    if (from >= to) return;
    const middle = (from + to) >> 1, index = this.#order[middle], at = index * 3;
    const points = this.#points;
    const squared = (points[at] - place[0]) ** 2 + (points[at + 1] - place[1]) ** 2 +
      (points[at + 2] - place[2]) ** 2;
    if (squared < best.squared) [best.index, best.squared] = [index, squared];
    const beyond = place[axis] - points[at + axis], next = (axis + 1) % 3;
    const before = { from, to: middle, axis: next }, after = { from: middle + 1, to, axis: next };
    this.#search(place, beyond < 0 ? before : after, best);
    if (beyond * beyond < best.squared) this.#search(place, beyond < 0 ? after : before, best);
  }
}
