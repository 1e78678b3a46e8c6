/**
 * Our own motion file: `{ "format": "isa4d-motion", "fps", "poses": [[72]…], "translations": [[3]…] }`,
 * perhaps with the body's `shape` and the `cameras` that saw it, and our pose file as a motion of one
 * frame.
 * @module
 */

import { InputError } from "../../errors.ts";
import { parseCameraRecord } from "../../geometry/mod.ts";
import { readJson } from "../../io/mod.ts";
import type { MotionFile } from "./motion_file.ts";

/** Checks one table of numbers and makes it flat. */
function table(path: string, name: string, value: unknown, width: number): Float32Array {
  const what = `cannot read "${path}": ${name}`;
  if (!Array.isArray(value)) throw new InputError(`${what} is missing, expected rows of ${width}`);
  const out = new Float32Array(value.length * width);
  value.forEach((row: unknown, frame) => {
    if (!Array.isArray(row) || row.length !== width) {
      const found = Array.isArray(row) ? `${row.length} numbers` : `no list`;
      throw new InputError(`${what} has ${found} in frame ${frame}, expected ${width}`);
    }
    row.forEach((number: unknown, column) => {
      // JSON has no NaN: writers leave null or a text in its place
      if (typeof number !== "number" || !Number.isFinite(number)) {
        throw new InputError(
          `${what} has ${JSON.stringify(number)} in frame ${frame}, expected a number`,
        );
      }
      out[frame * width + column] = number;
    });
  });
  return out;
}

/** Reads a motion from our JSON. Throws InputError for anything else. */
export async function readJsonMotion(path: string): Promise<MotionFile> {
  const file = await readJson(path);
  const content = (typeof file === "object" && file !== null ? file : {}) as Record<
    string,
    unknown
  >;
  if (content.format === "isa4d-pose") return poseAsMotion(path, content);
  if (content.format !== "isa4d-motion") {
    throw new InputError(
      `cannot read "${path}" as a motion: its "format" is ${
        JSON.stringify(content.format) ?? "missing"
      }, ` +
        `expected "isa4d-motion" or "isa4d-pose"`,
    );
  }
  const { fps } = content;
  if (typeof fps !== "number" || !Number.isFinite(fps) || fps <= 0) {
    throw new InputError(
      `cannot read "${path}": fps is ${
        JSON.stringify(fps) ?? "missing"
      }, expected a positive number`,
    );
  }
  const poses = table(path, "poses", content.poses, 72);
  const translations = table(path, "translations", content.translations, 3);
  const frames = poses.length / 72;
  if (frames === 0) throw new InputError(`cannot read "${path}": it has no frames`);
  if (translations.length / 3 !== frames) {
    throw new InputError(
      `cannot read "${path}": it has ${frames} poses but ${translations.length / 3} translations`,
    );
  }
  const cameras = content.cameras === undefined
    ? undefined
    : parseCameraRecord(content.cameras, `${path} (cameras)`).cameras;
  if (cameras && cameras.length !== 1 && cameras.length !== frames) {
    throw new InputError(
      `cannot read "${path}": it has ${frames} poses but ${cameras.length} cameras`,
    );
  }
  return {
    motion: { fps, frames, poses, translations },
    ...{ rateKnown: true, up: "y", origin: "body", notices: [] },
    ...shapeOf(path, content.shape),
    ...(cameras ? { cameras: () => cameras } : {}),
  };
}

function shapeOf(path: string, shape: unknown): { shape?: Float32Array } {
  const usable = Array.isArray(shape) && shape.length <= 10;
  return usable ? { shape: table(path, "shape", [shape], shape.length) } : {};
}

/** A body that stands in one pose. */
function poseAsMotion(
  path: string,
  { pose, translation, shape }: Record<string, unknown>,
): MotionFile {
  const poses = table(path, "pose", [pose], 72);
  const translations = table(path, "translation", [translation], 3);
  return {
    motion: { fps: 1, frames: 1, poses, translations },
    ...{ rateKnown: true, up: "y", origin: "body", notices: [] },
    ...shapeOf(path, shape),
  };
}
