/**
 * Cameras as JSON: `{ "format": "isa4d-cameras", "width", "height", "fps", "frames": [{ fx, fy, cx, cy,
 * rotation: 9 numbers, translation: 3 numbers }] }`.
 * @module
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import type { CameraPath } from "./camera.ts";

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
  frames: z.array(frameSchema).min(1),
});

/**
 * Reads cameras from JSON text; `name` is what messages call it.
 * @throws {InputError} when the text is no JSON or no camera file, with the first wrong value named
 */
export function parseCameras(text: string, name: string): { cameras: CameraPath; fps?: number } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`cannot read cameras from "${name}": not JSON`, { cause });
  }
  const result = fileSchema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    const where = path.length > 0 ? path.join(".") : "the file";
    throw new InputError(`cannot read cameras from "${name}": ${where}: ${message}`, {
      cause: result.error,
    });
  }
  const { width, height, frames, fps } = result.data;
  const cameras = frames.map((frame) => ({
    ...frame,
    width,
    height,
    rotation: Float64Array.from(frame.rotation),
    translation: Float64Array.from(frame.translation),
  }));
  return { cameras, fps };
}

/** Cameras as JSON text, which `parseCameras` reads back without loss; all have one picture size. */
export function formatCameras(
  cameras: CameraPath,
  options: { readonly fps?: number } = {},
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
  const file = { format: "isa4d-cameras", width, height, fps: options.fps, frames };
  return JSON.stringify(file, null, 1) + "\n";
}

function isRotation(r: readonly number[]): boolean {
  if (r.length !== 9) return false;
  const dot = (a: number, b: number) => r[a] * r[b] + r[a + 1] * r[b + 1] + r[a + 2] * r[b + 2];
  const orthonormal = [0, 3, 6].every((a) =>
    [0, 3, 6].every((b) => Math.abs(dot(a, b) - (a === b ? 1 : 0)) < 1e-3)
  );
  const determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) +
    r[2] * (r[3] * r[7] - r[4] * r[6]);
  return orthonormal && determinant > 0;
}
