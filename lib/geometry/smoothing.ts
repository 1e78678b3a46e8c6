/**
 * Smoothing of motions: tracks from videos tremble.
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Motion } from "./motion.ts";
import { oneEuroPlaces, oneEuroRotations } from "./smoothing_one_euro.ts";
import { savgolPlaces, savgolRotations, savgolRows } from "./smoothing_savgol.ts";

/** How a motion is smoothed. */
export type Smoothing =
  | {
    /** Adaptive low pass (Casiez et al. 2012): steady where it is slow, without lag where fast. */
    readonly kind: "one-euro";
    /** Cutoff at rest, in Hz. */
    readonly min: number;
    /** How much the cutoff grows with speed: Hz per radian or metre a second. */
    readonly beta: number;
  }
  | {
    /** Local polynomials (Savitzky and Golay 1964): no lag, peaks keep their height. */
    readonly kind: "savgol";
    /** Frames that a polynomial is fitted to, odd. */
    readonly window: number;
    /** Its degree. */
    readonly order: number;
  };

const defaults = {
  "one-euro": { min: 1, beta: 1 },
  savgol: { window: 9, order: 2 },
} as const;

/**
 * Reads `none`, `one-euro:min=1,beta=1` or `savgol:window=9,order=2`; numbers that are left out take
 * these values. Undefined for `none`. Throws ConfigError for anything else.
 */
export function parseSmoothing(text: string): Smoothing | undefined {
  if (text === "none") return undefined;
  const [kind, rest = ""] = text.split(/:(.*)/s);
  if (kind !== "one-euro" && kind !== "savgol") {
    throw new ConfigError(`cannot smooth by "${text}", expected one-euro, savgol or none`);
  }
  const numbers: Record<string, number> = { ...defaults[kind] };
  for (const part of rest.split(",").filter((part) => part.trim() !== "")) {
    const [key, value = ""] = part.split("=").map((piece) => piece.trim());
    if (!Object.hasOwn(numbers, key)) {
      throw new ConfigError(
        `smoothing "${text}" has no "${key}", expected ${Object.keys(numbers).join(", ")}`,
      );
    }
    numbers[key] = value === "" ? NaN : Number(value);
    if (!Number.isFinite(numbers[key]) || numbers[key] < 0) {
      throw new ConfigError(`smoothing "${text}": ${key} is "${value}", expected a number from 0`);
    }
  }
  return kind === "savgol" ? checkSavgol(text, numbers) : checkOneEuro(text, numbers);
}

function checkSavgol(text: string, { window, order }: Record<string, number>): Smoothing {
  if (!Number.isInteger(window) || window % 2 === 0 || window < 3 || window > 301) {
    throw new ConfigError(`smoothing "${text}": window is ${window}, expected an odd 3 to 301`);
  }
  if (!Number.isInteger(order) || order >= window || order > 6) {
    throw new ConfigError(
      `smoothing "${text}": order is ${order}, expected 0 to ${Math.min(6, window - 1)}`,
    );
  }
  return { kind: "savgol", window, order };
}

function checkOneEuro(text: string, { min, beta }: Record<string, number>): Smoothing {
  if (min <= 0) throw new ConfigError(`smoothing "${text}": min is 0, expected more`);
  return { kind: "one-euro", min, beta };
}

/** The motion with all its rotations and translations smoothed; rate and frames stay. */
export function smoothMotion(motion: Motion, smoothing: Smoothing): Motion {
  const poses = motion.poses.slice();
  if (smoothing.kind === "one-euro") {
    const { min, beta } = smoothing;
    const options = { fps: motion.fps, min, beta };
    for (let column = 0; column < 72; column += 3) oneEuroRotations(poses, column, options);
    return { ...motion, poses, translations: oneEuroPlaces(motion.translations, options) };
  }
  const rows = savgolRows(motion.frames, smoothing);
  for (let column = 0; column < 72; column += 3) savgolRotations(poses, column, rows);
  return { ...motion, poses, translations: savgolPlaces(motion.translations, rows) };
}
