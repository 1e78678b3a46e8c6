/**
 * COLMAP's text model (Schönberger and Frahm 2016): `cameras.txt` with lenses, `images.txt` with two
 * lines a picture, `IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME` and its points: world-to-camera
 * in OpenCV's axes, pixel centres at ½.
 *
 * Place, turn and scale of the world are unknown, so the track is relative. Its Y points down, about, as
 * the first camera's does: it is turned about X by 180° to point up.
 * @module
 */
import { InputError } from "../errors.ts";
import type { Camera } from "./camera.ts";
import { multiply } from "./camera_math.ts";
import { type CameraTrack, trackSize } from "./camera_track.ts";
import { axisAngleMatrix, fromAxisAngle, matrixToAxisAngle, toAxisAngle } from "./quaternion.ts";

/** Turns the world about X; its own inverse. */
const Y_DOWN_TO_Y_UP = [1, 0, 0, 0, -1, 0, 0, 0, -1];
/** Numbers before the picture's name. */
const IMAGE_COLUMNS = 9;
/** A unit quaternion's length may differ from 1 by a file's rounding. */
const UNIT_TOLERANCE = 1e-3;

/** The texts of a model's files. */
export interface ColmapModel {
  /** `cameras.txt`: lenses. */
  readonly cameras: string;
  /** `images.txt`: where the pictures were taken. */
  readonly images: string;
}

type Lens = Pick<Camera, "width" | "height" | "fx" | "fy" | "cx" | "cy">;

/** A picture's line. */
interface Row {
  readonly line: number;
  readonly numbers: readonly number[];
  readonly name: string;
}

const isComment = (line: string) => line.trimStart().startsWith("#");

/** True for the text of an `images.txt`. */
export function isColmapImages(text: string): boolean {
  const line = text.split("\n").find((line) => line.trim() !== "" && !isComment(line));
  const columns = line?.trim().split(/\s+/) ?? [];
  return columns.length > IMAGE_COLUMNS &&
    columns.slice(0, IMAGE_COLUMNS).every((column) => Number.isFinite(Number(column))) &&
    !Number.isFinite(Number(columns[IMAGE_COLUMNS]));
}

/**
 * Reads a model, its cameras in the order of the pictures' names; `name` is what messages call it.
 * @throws {InputError} for other text and for lenses other than SIMPLE_PINHOLE and PINHOLE
 */
export function parseColmap({ cameras, images }: ColmapModel, name: string): CameraTrack {
  const lenses = lensesOf(cameras, name);
  const rows = imageRows(images);
  if (rows.length === 0) throw new InputError(`cannot read cameras from "${name}": no pictures`);
  const track = rows.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    .map((row) => cameraOf(row, lenses, name));
  trackSize(track, name);
  return { cameras: track, relative: true };
}

/** A track as a model's files, which {@linkcode parseColmap} reads back; pictures are `0001.png` …. */
export function formatColmap({ cameras }: CameraTrack): ColmapModel {
  const lines = cameras.map(({ width, height, fx, fy, cx, cy }) =>
    ["PINHOLE", width, height, fx, fy, cx, cy].join(" ")
  );
  const lenses = [...new Set(lines)];
  const images = cameras.map((camera, i) => {
    const rotation = multiply(camera.rotation, Y_DOWN_TO_Y_UP);
    const turn = fromAxisAngle(matrixToAxisAngle(rotation));
    const picture = `${String(i + 1).padStart(4, "0")}.png`;
    const lens = lenses.indexOf(lines[i]) + 1;
    return [i + 1, ...turn, ...camera.translation, lens, picture].join(" ") + "\n\n";
  });
  return {
    cameras: "# CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]\n" +
      lenses.map((lens, i) => `${i + 1} ${lens}\n`).join(""),
    images: "# IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME\n" +
      "# POINTS2D[] as (X, Y, POINT3D_ID)\n" + images.join(""),
  };
}

function lensesOf(text: string, name: string): Map<number, Lens> {
  const lenses = new Map<number, Lens>();
  text.split("\n").forEach((content, i) => {
    if (content.trim() === "" || isComment(content)) return;
    const [id, model, ...rest] = content.trim().split(/\s+/);
    const [width, height, ...params] = rest.map(Number);
    const fail = (what: string) =>
      new InputError(
        `cannot read cameras from "${name}": line ${i + 1} of its cameras.txt ${what}`,
      );
    const lens = pinhole(model, params);
    if (lens === undefined) {
      throw fail(
        `has the lens "${model}" with ${params.length} numbers, expected SIMPLE_PINHOLE with 3 or ` +
          "PINHOLE with 4: undistort the pictures first (colmap image_undistorter)",
      );
    }
    const sizes = [width, height].every((side) => Number.isInteger(side) && side >= 1);
    if (!sizes || !params.every(Number.isFinite) || !(lens.fx > 0 && lens.fy > 0)) {
      throw fail("has no picture size and focal lengths above 0");
    }
    lenses.set(Number(id), { width, height, ...lens });
  });
  return lenses;
}

function pinhole(model: string, params: readonly number[]) {
  const simple = model === "SIMPLE_PINHOLE" && params.length === 3;
  if (!simple && !(model === "PINHOLE" && params.length === 4)) return undefined;
  const [fx, fy, cx, cy] = simple ? [params[0], ...params] : params;
  return { fx, fy, cx, cy };
}

/** Every other line that is no comment; those between hold points, or nothing. */
function imageRows(text: string): Row[] {
  const rows: Row[] = [];
  let points = false;
  text.split("\n").forEach((content, i) => {
    if (isComment(content)) return;
    const columns = content.trim().split(/\s+/);
    if (!points && content.trim() === "") return;
    if (!points) {
      rows.push({
        line: i + 1,
        numbers: columns.slice(0, IMAGE_COLUMNS).map(Number),
        name: columns.slice(IMAGE_COLUMNS).join(" "),
      });
    }
    points = !points;
  });
  return rows;
}

function cameraOf(row: Row, lenses: ReadonlyMap<number, Lens>, name: string): Camera {
  const fail = (what: string) =>
    new InputError(`cannot read cameras from "${name}": line ${row.line} ${what}`);
  const [, w, x, y, z, tx, ty, tz, id] = row.numbers;
  if (row.numbers.length !== IMAGE_COLUMNS || !row.numbers.every(Number.isFinite) || !row.name) {
    throw fail("is no picture, expected 9 numbers and a name");
  }
  const length = Math.hypot(w, x, y, z);
  if (Math.abs(length - 1) > UNIT_TOLERANCE) {
    throw fail(`has a quaternion of length ${length}, expected 1`);
  }
  const lens = lenses.get(id);
  if (lens === undefined) throw fail(`has the camera ${id}, which cameras.txt lacks`);
  const turn = new Float64Array(9);
  const unit = [w, x, y, z].map((value) => value / length) as [number, number, number, number];
  axisAngleMatrix(toAxisAngle(unit), 0, turn, 0);
  return {
    ...lens,
    rotation: multiply(turn, Y_DOWN_TO_Y_UP),
    translation: Float64Array.of(tx, ty, tz),
  };
}
