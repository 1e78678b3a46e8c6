/**
 * RealEstate10K's camera files (Zhou et al. 2018): a line with the video's address, then a line a frame,
 * `timestamp fx fy cx cy 0 0 r11 r12 r13 t1 r21 … t3`: microseconds, intrinsics as shares of the
 * picture's width and height, world-to-camera [R|t] in OpenCV's axes.
 *
 * The world is the first camera's, about, and its scale is unknown, so the track is relative. Its Y
 * points down: it is turned about X by 180° to point up.
 * @module
 */
import { InputError } from "../errors.ts";
import type { Camera } from "./camera.ts";
import { isRotation, multiply } from "./camera_math.ts";
import type { CameraTrack } from "./camera_track.ts";

/** Timestamp, four intrinsics, two zeros, 3×4 numbers. */
const COLUMNS = 19;
/** Turns the world about X; its own inverse. */
const Y_DOWN_TO_Y_UP = [1, 0, 0, 0, -1, 0, 0, 0, -1];
/** The files name no picture size. Any height will do for pixels that are square. */
const NOMINAL_HEIGHT = 720;
const MICROSECONDS = 1e6;

/** A picture's size in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** True for text with a line of numbers of the right count after its first line. */
export function isRealEstate(text: string): boolean {
  const line = rowsOf(text)[0];
  return line !== undefined && line.numbers.length === COLUMNS &&
    line.numbers.every(Number.isFinite);
}

/**
 * Reads RealEstate10K text; `name` is what messages call it. Without `size` the pixels are taken for
 * square, in pictures 720 pixels high.
 * @throws {InputError} for other text, with the line and what is wrong in it
 */
export function parseRealEstate(
  text: string,
  name: string,
  { size }: { readonly size?: Size } = {},
): CameraTrack {
  const rows = rowsOf(text);
  const fail = (line: number, what: string) =>
    new InputError(`cannot read cameras from "${name}": line ${line} ${what}`);
  if (rows.length === 0) throw fail(2, `is missing, expected ${COLUMNS} numbers a frame`);
  for (const [i, { line, numbers }] of rows.entries()) {
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if (numbers.length !== COLUMNS || bad >= 0) {
      const found = numbers.length !== COLUMNS
        ? `${numbers.length} columns`
        : `no number in column ${bad + 1}`;
      throw fail(line, `has ${found}, expected ${COLUMNS} numbers`);
    }
    if (!(numbers[1] > 0 && numbers[2] > 0)) {
      throw fail(line, `has focal lengths ${numbers[1]} and ${numbers[2]}, expected more than 0`);
    }
    if (!isRotation(rotationOf(numbers))) {
      throw fail(line, "has no rotation in columns 8 to 18, expected an orthonormal matrix");
    }
    if (i > 0 && numbers[0] <= rows[i - 1].numbers[0]) {
      throw fail(line, `has the time ${numbers[0]}, expected more than ${rows[i - 1].numbers[0]}`);
    }
  }
  const pictures = size ?? nominalSize(rows[0].numbers);
  return {
    cameras: rows.map(({ numbers }) => cameraOf(numbers, pictures)),
    times: rows.map(({ numbers }) => (numbers[0] - rows[0].numbers[0]) / MICROSECONDS),
    relative: true,
  };
}

/**
 * A track as RealEstate10K text, which {@linkcode parseRealEstate} reads back.
 * @throws {InputError} for several cameras that have neither rate nor times
 */
export function formatRealEstate({ cameras, fps, times }: CameraTrack): string {
  if (cameras.length > 1 && !times && fps === undefined) {
    throw new InputError(
      "RealEstate10K files have times, and these cameras have no rate: give one (--fps)",
    );
  }
  const lines = cameras.map((camera, i) => {
    const { width, height, fx, fy, cx, cy, translation: t } = camera;
    const r = multiply(camera.rotation, Y_DOWN_TO_Y_UP);
    const time = Math.round((times ? times[i] : i / (fps ?? 1)) * MICROSECONDS);
    const rows = [0, 1, 2].flatMap((row) => [...r.subarray(row * 3, row * 3 + 3), t[row]]);
    return [time, fx / width, fy / height, cx / width, cy / height, 0, 0, ...rows].join(" ");
  });
  return ["isa4d", ...lines].join("\n") + "\n";
}

/** All lines but the first that hold anything. */
function rowsOf(text: string): { line: number; numbers: number[] }[] {
  return text.split("\n").map((content, i) => ({ line: i + 1, content: content.trim() }))
    .slice(1).filter(({ content }) => content !== "")
    .map(({ line, content }) => ({ line, numbers: content.split(/\s+/).map(Number) }));
}

function rotationOf(numbers: readonly number[]): number[] {
  return [7, 8, 9, 11, 12, 13, 15, 16, 17].map((column) => numbers[column]);
}

function cameraOf(numbers: readonly number[], { width, height }: Size): Camera {
  const [, fx, fy, cx, cy] = numbers;
  return {
    width,
    height,
    fx: fx * width,
    fy: fy * height,
    cx: cx * width,
    cy: cy * height,
    rotation: multiply(rotationOf(numbers), Y_DOWN_TO_Y_UP),
    translation: Float64Array.of(numbers[10], numbers[14], numbers[18]),
  };
}

/** Pixels are square where fx·W = fy·H. */
function nominalSize([, fx, fy]: readonly number[]): Size {
  const width = Math.round(NOMINAL_HEIGHT * fy / fx);
  return { width: Math.min(Math.max(width, 1), 20_000), height: NOMINAL_HEIGHT };
}
