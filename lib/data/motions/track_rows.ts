/**
 * Tracks as rows of arrays, one a frame in which the person was seen.
 * @module
 */
import { fillGaps, type Motion } from "../../geometry/mod.ts";
import { DEFAULT_FPS } from "./motion_file.ts";
import type { RootPath } from "./root_cameras.ts";

/** Frames at most: nine hours at 30 a second. */
export const MAX_FRAMES = 1e6;

/** Whether these can be the frames in which somebody was seen: whole numbers, rising, at least one. */
export function areFrames(ids: readonly number[]): boolean {
  return ids.length > 0 &&
    ids.every((id, i) =>
      Number.isInteger(id) && id >= 0 && id < MAX_FRAMES && (i === 0 || id > ids[i - 1])
    );
}

/** Rows, seen in the frames `ids` (rising), as a motion of every frame; those between are interpolated. */
export function filled({ poses, translations }: RootPath, ids: readonly number[]): Motion {
  const frames = ids[ids.length - 1] - ids[0] + 1;
  const spread = (rows: Float32Array, width: number) => {
    const out = new Float32Array(frames * width);
    ids.forEach((id, row) =>
      out.set(rows.subarray(row * width, (row + 1) * width), (id - ids[0]) * width)
    );
    return out;
  };
  const motion = {
    ...{ fps: DEFAULT_FPS, frames },
    ...{ poses: spread(poses, 72), translations: spread(translations, 3) },
  };
  const seen = new Set(ids.map((id) => id - ids[0]));
  return fillGaps(motion, Array.from({ length: frames }, (_, frame) => seen.has(frame)));
}

/** Mean of rows of `width` numbers: a person has one shape. */
export function meanRow(values: Float32Array, width: number): Float32Array {
  const mean = new Float32Array(width), count = values.length / width;
  values.forEach((value, i) => mean[i % width] += value / count);
  return mean;
}
