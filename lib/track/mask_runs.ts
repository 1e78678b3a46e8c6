/**
 * Masks as runs of equal values: a person's mask of a whole picture becomes a few kilobytes.
 * @module
 */
import type { PersonMask } from "../perception/mod.ts";

/** Values are kept to one of so many levels. */
const LEVELS = 16;
/** Longest run. */
const MOST = 0xffff;

/** A mask's values and how often each comes, in turn. */
export function packMask({ data }: PersonMask): Uint16Array<ArrayBuffer> {
  const step = 255 / (LEVELS - 1);
  const quantised = Uint8Array.from({ length: 256 }, (_, v) => Math.round(v / step) * step);
  const runs: number[] = [];
  for (let at = 0; at < data.length;) {
    const value = quantised[data[at]];
    const from = at++;
    while (at < data.length && at - from < MOST && quantised[data[at]] === value) at++;
    runs.push(value, at - from);
  }
  return Uint16Array.from(runs);
}

/** A mask of {@linkcode packMask}'s runs; throws RangeError where they do not fill it. */
export function unpackMask(
  runs: Uint16Array,
  { width, height }: { readonly width: number; readonly height: number },
): PersonMask {
  const filled = runs.reduce((sum, value, i) => i % 2 === 1 ? sum + value : sum, 0);
  if (filled !== width * height) throw new RangeError(`${filled} of ${width * height} pixels`);
  const data = new Uint8Array(filled);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    data.fill(runs[i], at, at + runs[i + 1]);
    at += runs[i + 1];
  }
  return { width, height, data };
}
