/**
 * TRAM's `hps/hps_track_N.npy`: a dictionary of torch's tensors, SMPL's `pred_rotmat` [F,24,3,3],
 * `pred_shape` [F,10], `pred_trans` [F,1,3] before the camera, and the `frame` [F] in which each was
 * seen.
 *
 * `camera.npy` in the folder above has the cameras that masked SLAM found, `pred_cam_R` [N,3,3] and
 * `pred_cam_T` [N,3] from camera to world, `img_focal` and `img_center`. That world is the first
 * camera's: where this one is level, its Y points down.
 * @module
 */
import { dirname, join } from "node:path";
import { InputError } from "../../errors.ts";
import {
  fromAxisAngle,
  matrixToAxisAngle,
  multiply,
  type Quaternion,
  rotate,
  toAxisAngle,
} from "../../geometry/mod.ts";
import {
  PickledTensor,
  readObjectNpy,
  tensorNumbers,
  torchBytesGlobals,
} from "../../io/pickle/mod.ts";
import { meanBetas, numbersOf, poseOfMatrices } from "./matrix_poses.ts";
import type { MotionFile } from "./motion_file.ts";
import { SMPL_PELVIS } from "./rest_pelvis.ts";
import { type CameraLens, camerasOfRoots, type RootPath } from "./root_cameras.ts";
import { areFrames, filled } from "./track_rows.ts";

/** Half a turn about X. */
const Y_DOWN_TO_Y_UP: Quaternion = [0, 1, 0, 0];

type Fields = ReadonlyMap<unknown, unknown>;

/** The numbers of a dictionary's entry, finite ones, `count` of them. */
function numbers(fields: Fields, name: string, { path, count }: {
  readonly path: string;
  readonly count?: number;
}): Float32Array {
  const value = fields.get(name);
  const found = value instanceof PickledTensor
    ? tensorNumbers(value)
    : typeof value === "number"
    ? Float32Array.of(value)
    : numbersOf(value);
  if (!found?.every(Number.isFinite) || (count !== undefined && found.length !== count)) {
    throw new InputError(
      `cannot read "${path}": ${name} is ${found ? `${found.length} numbers` : "missing"}` +
        (count === undefined ? "" : `, expected ${count}`),
    );
  }
  return found;
}

async function dictionary(path: string): Promise<Fields | undefined> {
  const content = await readObjectNpy(path, { globals: torchBytesGlobals });
  return content instanceof Map ? content : undefined;
}

/** The frames of a track, rising. */
function frameIds(fields: Fields, path: string): number[] {
  const ids = Array.from(numbers(fields, "frame", { path }));
  if (!areFrames(ids)) {
    throw new InputError(`cannot read "${path}": frame does not hold the rising numbers of frames`);
  }
  return ids;
}

/** Poses and translations before the camera, a row a frame, and the person's shape. */
function rowsOf(fields: Fields, { path, ids }: {
  readonly path: string;
  readonly ids: readonly number[];
}): RootPath & { readonly betas: Float32Array } {
  const F = ids.length;
  const matrices = numbers(fields, "pred_rotmat", { path, count: F * 216 });
  const shapes = numbers(fields, "pred_shape", { path, count: F * 10 });
  const found = ids.map((id, row) => {
    const turns = Array.from(matrices.subarray(row * 216, row * 216 + 216));
    const smpl = new Map([
      ["global_orient", turns.slice(0, 9)],
      ["body_pose", turns.slice(9)],
      ["betas", Array.from(shapes.subarray(row * 10, row * 10 + 10))],
    ]);
    return poseOfMatrices(smpl, `frame ${id} of "${path}"`);
  });
  const poses = new Float32Array(F * 72);
  found.forEach(({ pose }, row) => poses.set(pose, row * 72));
  const translations = numbers(fields, "pred_trans", { path, count: F * 3 });
  return { poses, translations, betas: meanBetas(found) };
}

/** Where the cameras stood in a world with Y up, and their lens. */
interface Cameras {
  /** Camera to world, of a frame. */
  readonly turn: (frame: number) => Quaternion;
  readonly place: (frame: number) => readonly number[];
  readonly lens: CameraLens;
}

/** The cameras of the folder above, for frames up to `last`; undefined where there are none. */
async function camerasBeside(path: string, last: number): Promise<Cameras | undefined> {
  const file = join(dirname(path), "..", "camera.npy");
  const exists = await Deno.stat(file).then(({ isFile }) => isFile, () => false);
  if (!exists) return undefined;
  const fields = await dictionary(file);
  if (!fields) throw new InputError(`cannot read "${file}": it is no dictionary of TRAM's cameras`);
  const about = { path: file };
  const places = numbers(fields, "pred_cam_T", about);
  const turns = numbers(fields, "pred_cam_R", { ...about, count: places.length * 3 });
  const [f] = numbers(fields, "img_focal", { ...about, count: 1 });
  const [cx, cy] = numbers(fields, "img_center", { ...about, count: 2 });
  if (places.length / 3 <= last || !(f > 0 && cx >= 1 && cy >= 1)) {
    throw new InputError(
      `cannot read "${file}": it has ${
        Math.floor(places.length / 3)
      } cameras of focal length ${f}, ` +
        `expected ${last + 1} above 0`,
    );
  }
  const [width, height] = [Math.round(2 * cx), Math.round(2 * cy)];
  return {
    turn: (frame) => multiply(Y_DOWN_TO_Y_UP, fromAxisAngle(matrixToAxisAngle(turns, frame * 9))),
    place: (frame) => rotate(Y_DOWN_TO_Y_UP, places.subarray(frame * 3, frame * 3 + 3)),
    lens: { width, height, fx: f, fy: f, cx, cy },
  };
}

/** Roots before the camera as they stand in the cameras' world. */
function inWorld(
  { poses, translations }: RootPath,
  { turn, place }: Cameras,
  ids: readonly number[],
): RootPath {
  const world = { poses: poses.slice(), translations: translations.slice() };
  ids.forEach((id, row) => {
    const root = multiply(turn(id), fromAxisAngle(poses, row * 72));
    world.poses.set(toAxisAngle(root), row * 72);
    const seen = SMPL_PELVIS.map((value, axis) => value + translations[row * 3 + axis]);
    const moved = rotate(turn(id), seen), from = place(id);
    moved.forEach((value, axis) => {
      world.translations[row * 3 + axis] = value + from[axis] - SMPL_PELVIS[axis];
    });
  });
  return world;
}

/**
 * Reads a track of TRAM: in the world of `camera.npy` with the cameras that saw it where that lies in
 * the folder above, else before the camera, with a notice. Throws InputError for any other file and for
 * arrays that do not fit together; nothing in their pickles is run.
 */
export async function readTramMotion(path: string): Promise<MotionFile> {
  const fields = await dictionary(path);
  if (!fields?.has("pred_rotmat")) {
    throw new InputError(`cannot read "${path}" as a motion: expected TRAM's hps_track_N.npy`);
  }
  const ids = frameIds(fields, path);
  const { betas, ...rows } = rowsOf(fields, { path, ids });
  const beside = await camerasBeside(path, ids[ids.length - 1]);
  const seen = filled(rows, ids);
  const notices: string[] = [];
  if (ids.length < seen.frames) {
    const lost = seen.frames - ids.length;
    notices.push(
      `the person of "${path}" is lost in ${lost} of ${seen.frames} frames: they are interpolated`,
    );
  }
  const common = { rateKnown: false, origin: "smpl", betas, firstFrame: ids[0], notices } as const;
  if (!beside) {
    notices.push(`"${path}" has no camera.npy in the folder above: its camera is treated as still`);
    return { ...common, motion: seen, up: "camera" };
  }
  const world = filled(inWorld(rows, beside, ids), ids);
  return {
    ...{ ...common, motion: world, up: "y" },
    cameras: ({ pelvis }) => camerasOfRoots({ seen, world }, { pelvis, lens: () => beside.lens }),
  };
}
