/**
 * Motions as users name them: a path, perhaps with `#tid=2&fps=25`.
 * @module
 */

import { InputError } from "../../errors.ts";

/** A motion file and what of it is meant. */
export interface MotionSpec {
  /** The file. */
  path: string;
  /** The track, of a file with several persons. */
  tid?: number;
  /** Its rate, frames a second; the file's own is not used then. */
  fps?: number;
  /** One frame of it, for a single pose. */
  frame?: number;
  /** The person of a video, the largest first. */
  person?: number;
}

const isKey = (key: string): key is "tid" | "fps" | "frame" | "person" =>
  ["tid", "fps", "frame", "person"].includes(key);

const whole = (value: string) => /^\d+$/.test(value) ? Number(value) : NaN;

/** Splits a name at its `#key=value&key=value`. Throws InputError for keys and values that are none. */
export function parseMotionSpec(spec: string): MotionSpec {
  const found = /^(.*)#(\w+=[^#/&]*(?:&\w+=[^#/&]*)*)$/s.exec(spec);
  if (!found) return { path: spec };
  const out: MotionSpec = { path: found[1] };
  for (const part of found[2].split("&")) {
    const [key, value] = part.split("=");
    if (!isKey(key)) {
      throw new InputError(
        `"${spec}" has no "${key}", expected #tid=N, #person=N, #fps=X or #frame=N`,
      );
    }
    const number = key === "fps" ? Number(value || NaN) : whole(value);
    if (!Number.isFinite(number) || (key === "fps" && number <= 0)) {
      throw new InputError(`"${spec}": ${key} is "${value}", expected a number`);
    }
    out[key] = number;
  }
  return out;
}
