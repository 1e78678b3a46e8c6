/**
 * The kinds of files that `isa4d convert` knows, and their names.
 * @module
 */
import { basename } from "node:path";
import { UsageError } from "../../lib/errors.ts";

const cameraKinds = ["isa4d-cameras", "realestate10k", "nerf", "colmap"] as const;
const motionKinds = ["isa4d-motion", "smpl", "amass", "tracks", "bvh", "gltf"] as const;

/** Every kind. */
export const fileKinds = [...cameraKinds, ...motionKinds] as const;

/** A kind of camera file. */
export type CameraKind = typeof cameraKinds[number];
/** A kind of motion file. */
export type MotionKind = typeof motionKinds[number];
/** A kind of file. */
export type FileKind = CameraKind | MotionKind;

/** Whether a kind is one of cameras. */
export function isCameraKind(kind: FileKind): kind is CameraKind {
  return (cameraKinds as readonly string[]).includes(kind);
}

/** Whether a name is that of a COLMAP model's pictures, beside which the model's other files lie. */
export const isColmapName = (path: string): boolean =>
  basename(path).toLowerCase() === "images.txt";

/**
 * The kind that a name to be written means, for content of that sort. Throws {@linkcode UsageError}
 * for a name that means none.
 */
export function kindOfName(path: string, content: "cameras" | "motion"): FileKind {
  const name = basename(path).toLowerCase();
  if (content === "cameras") {
    if (isColmapName(path)) return "colmap";
    if (name.endsWith(".txt")) return "realestate10k";
    if (/^transforms.*\.json$/.test(name)) return "nerf";
    if (name.endsWith(".json")) return "isa4d-cameras";
    throw noKind(path, "cameras", ".json or .txt");
  }
  if (name.endsWith(".json")) return "isa4d-motion";
  if (name.endsWith(".npz")) return "smpl";
  if (name.endsWith(".bvh")) return "bvh";
  if (name.endsWith(".glb")) return "gltf";
  throw noKind(path, "a motion", ".json, .npz, .bvh or .glb");
}

/** How files of each kind end. */
export const kindEndings: Readonly<Record<FileKind, readonly string[]>> = {
  "isa4d-cameras": [".json"],
  "realestate10k": [".txt"],
  "nerf": [".json"],
  "colmap": ["images.txt"],
  "isa4d-motion": [".json"],
  "smpl": [".npz"],
  "amass": [".npz"],
  "tracks": [".pkl", ".pt", ".npy"],
  "bvh": [".bvh"],
  "gltf": [".glb"],
};

function noKind(path: string, content: string, endings: string): UsageError {
  return new UsageError(
    `"${path}" names no kind of file for ${content}: expected a name in ${endings}, or --to`,
  );
}
