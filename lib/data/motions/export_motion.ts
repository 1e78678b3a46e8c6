/**
 * Motions into the files of others: AMASS and SMPL `.npz`.
 * @module
 */
import { InputError } from "../../errors.ts";
import {
  type BodyMesh,
  type Motion,
  type Quaternion,
  resampleMotion,
  rotateMotion,
} from "../../geometry/mod.ts";
import { type NpyArray, writeNpz } from "../../io/mod.ts";
import type { MotionFile } from "./motion_file.ts";
import { loadMotion, namingMotion, UPRIGHT } from "./load_motion.ts";
import { parseMotionSpec } from "./motion_spec.ts";
import { readMotionFile } from "./read_motion_file.ts";
import { SMPL_PELVIS, SMPLX_PELVIS } from "./rest_pelvis.ts";

/** The layouts that {@link exportMotion} writes. */
export type MotionLayout = "smpl" | "amass";

/** Root, 21 body joints and both hands of 15 joints each, as SMPL+H has them. */
const AMASS_COLUMNS = 156;
const SHARED_COLUMNS = 66;
/** AMASS has 16 shape coefficients. */
const AMASS_BETAS = 16;

/** A motion as SMPL takes it. */
export interface SmplMotion {
  /** Y up; translations are added to the rest pelvis of SMPL. */
  motion: Motion;
  /** SMPL's shape coefficients, where the file has them. */
  betas?: Float32Array;
  /** Remarks for people, one line each. */
  notices: string[];
}

/** Options of {@link smplMotion}. */
export interface SmplMotionOptions {
  /** The body whose rest pelvis our own JSON and the built-in motions mean. */
  body: BodyMesh;
  /** Rate asked for; default the file's. */
  fps?: number;
  /** What a `.npz` is, where its number of columns deceives: AMASS has Z up, SMPL Y. */
  layout?: MotionLayout;
}

/**
 * The motion that `spec` names (as for `loadMotion`), not placed anywhere else. Throws InputError as
 * `loadMotion`.
 */
export async function smplMotion(
  spec: string,
  { body, fps, layout }: SmplMotionOptions,
): Promise<SmplMotion> {
  if (spec.startsWith("builtin:")) {
    const { motion } = await loadMotion(spec, { body, fps, placement: "keep" });
    return { motion: fromPelvis(motion, body.restJoints), notices: [] };
  }
  const parsed = parseMotionSpec(spec);
  const file = await readMotionFile(parsed);
  const { notices, betas } = file;
  const motion = upright(layoutAs(file, layout), body);
  const rate = fps ?? motion.fps;
  return {
    motion: rate === motion.fps
      ? motion
      : namingMotion(parsed.path, () => resampleMotion(motion, { fps: rate })),
    betas,
    notices,
  };
}

/**
 * Writes `poses` ([N,156] with still fingers for AMASS, [N,72] for SMPL), `trans` [N,3], `betas` and
 * `mocap_framerate`, whole or not at all; AMASS with Z up. Throws IoError when the disk or the
 * permissions refuse.
 */
export async function exportMotion(
  path: string,
  { motion, betas }: Pick<SmplMotion, "motion" | "betas">,
  layout: MotionLayout,
): Promise<void> {
  const [w, x, y, z] = UPRIGHT.z;
  const back: Quaternion = [w, -x, -y, -z];
  const { frames, fps, poses, translations } = layout === "amass"
    ? rotateMotion(motion, back, SMPL_PELVIS)
    : motion;
  const array = (data: Float32Array, shape: number[]): NpyArray => ({
    dtype: "float32",
    shape,
    data: Float32Array.from(data),
  });
  const shape = layout === "amass" ? padded(betas ?? new Float32Array(), AMASS_BETAS) : betas;
  const arrays = new Map<string, NpyArray>([
    [
      "poses",
      layout === "amass"
        ? array(withHands(poses, frames), [frames, AMASS_COLUMNS])
        : array(poses, [frames, 72]),
    ],
    ["trans", array(translations, [frames, 3])],
    ["mocap_framerate", { dtype: "float64", shape: [], data: Float64Array.of(fps) }],
  ]);
  if (shape) arrays.set("betas", array(shape, [shape.length]));
  await writeNpz(path, arrays);
}

/** The motion as `body` takes it: what our JSON holds and {@link writeMotion} writes. */
export function motionForBody({ motion }: SmplMotion, { restJoints }: BodyMesh): Motion {
  const translations = motion.translations.map((value, i) =>
    value + SMPL_PELVIS[i % 3] - restJoints[i % 3]
  );
  return { ...motion, translations };
}

/** What AMASS leaves out of SMPL's 24 joints: the turns of the two hands. */
export function losesHands({ poses }: Motion): boolean {
  return poses.some((value, i) => i % 72 >= SHARED_COLUMNS && Math.abs(value) > 1e-6);
}

function layoutAs(file: MotionFile, layout?: MotionLayout): MotionFile {
  if (layout === undefined) return file;
  if (file.up === "camera" || file.origin !== "smpl") {
    throw new InputError(`the motion is no ${layout} .npz, expected one with poses and trans`);
  }
  return { ...file, up: layout === "amass" ? "z" : "y" };
}

function upright({ motion, up, origin }: MotionFile, body: BodyMesh): Motion {
  if (origin === "body") return fromPelvis(motion, body.restJoints);
  if (origin === "smplx") return fromPelvis(motion, SMPLX_PELVIS);
  return up === "y" ? motion : rotateMotion(motion, UPRIGHT[up], SMPL_PELVIS);
}

/** From translations that are added to another rest pelvis to those of SMPL's. */
function fromPelvis(motion: Motion, pelvis: ArrayLike<number>): Motion {
  const translations = motion.translations.map((value, i) =>
    value + pelvis[i % 3] - SMPL_PELVIS[i % 3]
  );
  return { ...motion, translations };
}

function withHands(poses: Float32Array, frames: number): Float32Array {
  const out = new Float32Array(frames * AMASS_COLUMNS);
  for (let frame = 0; frame < frames; frame++) {
    out.set(poses.subarray(frame * 72, frame * 72 + SHARED_COLUMNS), frame * AMASS_COLUMNS);
  }
  return out;
}

function padded(values: Float32Array, length: number): Float32Array {
  const out = new Float32Array(Math.max(length, values.length));
  out.set(values);
  return out;
}
