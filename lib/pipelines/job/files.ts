/**
 * Which texts of a job are files, and which are names.
 * @module
 */
import type { FileFact } from "./field.ts";

/** Which values of a job's fields are files and not names. */
export const isFile = {
  pose: (value: string): boolean => value !== "none" && !photoPose(value),
  motion: (value: string): boolean => !value.startsWith("builtin:"),
  camera: (value: string): boolean => !/^[a-z]+(:|$)/.test(value),
  background: (value: string): boolean =>
    !["auto", "photo", "driving", "none"].includes(value) && !value.startsWith("#"),
  audio: (value: string): boolean => value !== "none" && value !== "background",
  /** A bare word is the name of shipped weights. */
  weights: (value: string): boolean => !/^[\w-]+$/.test(value),
} as const;

/** What a pose of key points begins with. */
const FIT = "fit:";

/** The file of a pose that is fitted to key points, `fit:keypoints.json`; undefined for any other. */
export function fittedPose(pose: string): string | undefined {
  return pose.startsWith(FIT) ? pose.slice(FIT.length) : undefined;
}

/**
 * The person of a pose that is found in the picture itself, `auto` or `auto#person=2`; undefined for any
 * other.
 */
export function photoPose(pose: string): { readonly person?: number } | undefined {
  const [auto, person] = /^auto(?:#person=([1-9]\d*))?$/.exec(pose) ?? [];
  return auto === undefined ? undefined : { person: person === undefined ? undefined : +person };
}

const where = (is: (text: string) => boolean): FileFact["map"] => (text, resolve) =>
  is(text) ? resolve(text) : text;

/** How fields name files. */
export const file = {
  input: { use: "input", map: where(() => true) },
  motion: { use: "input", map: where(isFile.motion) },
  camera: { use: "input", map: where(isFile.camera) },
  background: { use: "input", map: where(isFile.background) },
  audio: { use: "input", map: where(isFile.audio) },
  pose: {
    use: "input",
    map: (text, resolve) => {
      const keypoints = fittedPose(text);
      if (keypoints !== undefined) return FIT + resolve(keypoints);
      return isFile.pose(text) ? resolve(text) : text;
    },
  },
  weights: { use: "weights", map: where(isFile.weights) },
  output: { use: "output", map: where((text) => text !== "-") },
} as const satisfies Record<string, FileFact>;

/** A file name without its `#frame=N` or `#tid=N` part. */
export function withoutFragment(path: string): string {
  return path.replace(/#[^#/]*$/, "");
}
