/**
 * Cameras as JSON: `{ "format": "isa4d-cameras", "width", "height", "fps", "relative", "frames": [{ fx, fy,
 * cx, cy, rotation: 9 numbers, translation: 3 numbers }] }`. `fps` and `relative` may be left out.
 * @module
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import type { CameraPath } from "./camera.ts";
import { isRotation } from "./camera_math.ts";
import type { CameraTrack } from "./camera_track.ts";

const size = z.int().min(1).max(20_000);
const frameSchema = z.object({
  fx: z.number().positive(),
  fy: z.number().positive(),
  cx: z.number(),
  cy: z.number(),
  rotation: z.array(z.number()).length(9).refine(isRotation, {
    error: "is no rotation, expected an orthonormal row-major 3×3 matrix with determinant 1",
  }),
  translation: z.array(z.number()).length(3),
});
const fileSchema = z.object({
  format: z.literal("isa4d-cameras"),
  width: size,
  height: size,
  fps: z.number().positive().optional(),
  relative: z.boolean().optional(),
  frames: z.array(frameSchema).min(1),
});

/**
 * Reads cameras from JSON text; `name` is what messages call it.
 * @throws {InputError} when the text is no JSON or no camera file, with the first wrong value named
 */
export function parseCameras(text: string, name: string): CameraTrack {
  return parseCameraRecord(parseJson(text, name), name);
}

/** The value of JSON text; throws {@linkcode InputError} for other text. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`cannot read cameras from "${name}": not JSON`, { cause });
  }
}

/**
 * As {@linkcode parseCameras}, for a value that has been read from JSON.
 * @throws {InputError} when it is no record of cameras, with the first wrong value named
 */
export function parseCameraRecord(json: unknown, name: string): CameraTrack {
  const result = fileSchema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    const where = path.length > 0 ? path.join(".") : "the file";
    throw new InputError(`cannot read cameras from "${name}": ${where}: ${message}`, {
      cause: result.error,
    });
  }
  const { width, height, frames, fps, relative } = result.data;
  const cameras = frames.map((frame) => ({
    ...frame,
    width,
    height,
    rotation: Float64Array.from(frame.rotation),
    translation: Float64Array.from(frame.translation),
  }));
  return {
    cameras,
    ...(fps === undefined ? {} : { fps }),
    ...(relative ? { relative } : {}),
  };
}

/** Cameras as JSON text, which `parseCameras` reads back without loss; all have one picture size. */
export function formatCameras(
  cameras: CameraPath,
  { fps, relative }: { readonly fps?: number; readonly relative?: boolean } = {},
): string {
  const { width, height } = cameras[0];
  const frames = cameras.map(({ fx, fy, cx, cy, rotation, translation }) => ({
    fx,
    fy,
    cx,
    cy,
    rotation: [...rotation],
    translation: [...translation],
  }));
  const file = { format: "isa4d-cameras", width, height, fps, relative, frames };
  return JSON.stringify(file, null, 1) + "\n";
}
