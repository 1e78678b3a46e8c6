/** Medians and spreads. */

/** Where the values of a sample lie. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** First and third quartile. */
  readonly quartiles: readonly [number, number];
}

/** The spread of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  return { min: at(0), median: at(0.5), max: at(1), quartiles: [at(0.25), at(0.75)] };
}

/**
 * Ratios of what ran in the same round, so that what slows the machine for a while slows both sides
 * of a ratio.
 */
export function ratiosOf(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, round) => value / base[round]);
}

/** Largest difference of two outputs, relative to the largest value. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
    if (Number.isNaN(a[i]) || Number.isNaN(b[i])) return Infinity;
  }
  return largest === 0 ? difference : difference / largest;
}
