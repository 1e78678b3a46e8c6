/**
 * Which person of a file with several is meant.
 * @module
 */
import { InputError } from "../../errors.ts";

/** Tracks that messages list at most. */
const MAX_LISTED = 8;

/**
 * The wanted track of those with `frames` frames each, by id; without `tid` the longest, with a notice
 * where there are others. Throws InputError for one that is not there.
 */
export function chooseTrack(
  path: string,
  frames: ReadonlyMap<number, number>,
  { tid, notices }: { readonly tid?: number; readonly notices: string[] },
): number {
  const sorted = [...frames].sort(([, a], [, b]) => b - a);
  const listed = sorted.slice(0, MAX_LISTED).map(([id, seen]) => `${id} (${seen} frames)`)
    .join(", ") + (sorted.length > MAX_LISTED ? ", …" : "");
  const chosen = tid ?? sorted[0]?.[0];
  if (chosen === undefined || !frames.has(chosen)) {
    throw new InputError(
      `cannot read "${path}": it has ${
        tid === undefined ? "no tracks" : `no track ${tid}; its tracks are ${listed || "none"}`
      }`,
    );
  }
  if (tid === undefined && sorted.length > 1) {
    notices.push(
      `"${path}" has the tracks ${listed}: the longest, ${chosen}, is used; choose with #tid=N`,
    );
  }
  return chosen;
}

/** The notice that a track has gaps. */
export function gapNotice(
  path: string,
  { tid, lost, frames }: { readonly tid: number; readonly lost: number; readonly frames: number },
): string {
  return `track ${tid} of "${path}" is lost in ${lost} of ${frames} frames: they are interpolated`;
}
