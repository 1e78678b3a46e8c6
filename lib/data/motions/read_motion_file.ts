/**
 * Motion files of every kind, by the ends of their names.
 * @module
 */
import { InputError } from "../../errors.ts";
import { builtinNames } from "./builtin_names.ts";
import { readBvhMotion } from "./bvh.ts";
import { readDeepMimicMotion } from "./deepmimic.ts";
import { readGvhmrMotion } from "./gvhmr.ts";
import { readJsonMotion } from "./json.ts";
import { DEFAULT_FPS, type MotionFile } from "./motion_file.ts";
import type { MotionSpec } from "./motion_spec.ts";
import { readNpzMotion } from "./npz.ts";
import { readPickledTracks } from "./pickled_tracks.ts";
import { readTramMotion } from "./tram.ts";

/** Reads the file alone: its own axes, origin and rate. Errors as `loadMotion`. */
export async function readMotionFile(
  { path, tid, fps, person }: MotionSpec,
): Promise<MotionFile> {
  const extension = /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? "";
  const reader = readers[extension];
  if (reader === undefined) {
    throw new InputError(
      `cannot read "${path}" as a motion: expected .npz (AMASS, SMPL or champ), .pkl (4D-Humans, ` +
        `PHALP or WHAM), .pt (GVHMR or GENMO), .npy (TRAM), .json, .bvh, .txt (DeepMimic) or builtin:NAME with ` +
        `NAME one of ${builtinNames.join(", ")}`,
    );
  }
  if (tid !== undefined && reader !== readPickledTracks) {
    throw new InputError(`"${path}" has no tracks, but #tid=${tid} asks for one`);
  }
  if (person !== undefined) {
    throw new InputError(`"${path}" is no video, but #person=${person} asks for a person of one`);
  }
  const file = await reader(path, { tid });
  if (fps !== undefined) return { ...file, motion: { ...file.motion, fps } };
  if (!file.rateKnown) {
    file.notices.unshift(
      `"${path}" names no frame rate: ${DEFAULT_FPS} a second are assumed (give #fps=X)`,
    );
  }
  return file;
}

const readers: Readonly<
  Record<string, (path: string, options: { tid?: number }) => Promise<MotionFile>>
> = {
  ".npz": readNpzMotion,
  ".json": readJsonMotion,
  ".pkl": readPickledTracks,
  ".pt": readGvhmrMotion,
  ".npy": readTramMotion,
  ".bvh": readBvhMotion,
  ".txt": readDeepMimicMotion,
};
