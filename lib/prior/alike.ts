/**
 * Colours that may be one stuff's in other light.
 * @module
 */
import { median } from "../geometry/mod.ts";

/** What is of one stuff differs by no more in any channel, in levels of 255: light may. */
const LIGHT = 60;

/** The median of each channel. `colours` holds at least one of [3]. */
export function medianColour(colours: readonly ArrayLike<number>[]): number[] {
  return [0, 1, 2].map((c) => median(colours.map((rgb) => rgb[c]))!);
}

/** Whether two colours [3], 0..255, may be of one stuff. */
export function isAlike(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return [0, 1, 2].every((c) => Math.abs(a[c] - b[c]) <= LIGHT);
}
