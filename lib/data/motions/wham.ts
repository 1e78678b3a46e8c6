/**
 * WHAM's `wham_output.pkl`: a dictionary of subjects, each with SMPL's `pose` [F,72] and `trans` [F,3]
 * before the camera, `pose_world` and `trans_world` in a world with Y up, `betas` [F,10] and the
 * `frame_ids` in which it was seen.
 *
 * WHAM sets its body so that the middle of the hips is at `trans_world`, while `trans` is SMPL's own
 * translation. Its lens is that of CLIFF where no calibration was given: f = √(W² + H²) pixels, the
 * principal point in the picture's middle.
 * @module
 */

import { InputError } from "../../errors.ts";
import { fromAxisAngle, rotate } from "../../geometry/mod.ts";
import { chooseTrack, gapNotice } from "./choose_track.ts";
import { numbersOf } from "./matrix_poses.ts";
import type { MotionFile } from "./motion_file.ts";
import { SMPL_HIPS, SMPL_PELVIS } from "./rest_pelvis.ts";
import { camerasOfRoots } from "./root_cameras.ts";
import { areFrames, filled, meanRow } from "./track_rows.ts";

/** One person's arrays, by name. */
type Subject = ReadonlyMap<unknown, unknown>;

const NAMES = ["pose", "trans", "pose_world", "trans_world", "betas", "frame_ids"];

/** The subjects of WHAM's dictionary, by id; undefined for any other content. */
export function whamSubjects(content: unknown): ReadonlyMap<number, Subject> | undefined {
  if (!(content instanceof Map) || content.size === 0) return undefined;
  const fits = [...content].every(([id, fields]) =>
    typeof id === "number" && fields instanceof Map && NAMES.every((name) => fields.has(name))
  );
  return fits ? content : undefined;
}

/** The numbers of an array with `width` of them in each of `frames` rows. */
function rows(
  fields: Subject,
  name: string,
  { frames, width, label }: {
    readonly frames: number;
    readonly width: number;
    readonly label: string;
  },
): Float32Array {
  const values = numbersOf(fields.get(name));
  if (values?.length !== frames * width || !values.every(Number.isFinite)) {
    throw new InputError(
      `cannot read ${label}: ${name} does not hold ${width} numbers for each of ${frames} frames`,
    );
  }
  return values;
}

/** When each row was seen, rising. */
function frameIds(fields: Subject, label: string): number[] {
  const ids = Array.from(numbersOf(fields.get("frame_ids")) ?? []);
  if (!areFrames(ids)) {
    throw new InputError(`cannot read ${label}: frame_ids are not the rising numbers of frames`);
  }
  return ids;
}

/** SMPL's translations of bodies whose hips have their middle at these places. */
function fromHips(poses: Float32Array, hips: Float32Array): Float32Array {
  const translations = new Float32Array(hips.length);
  for (let frame = 0; frame < hips.length / 3; frame++) {
    const turned = rotate(fromAxisAngle(poses, frame * 72), SMPL_HIPS);
    turned.forEach((value, axis) => {
      translations[frame * 3 + axis] = hips[frame * 3 + axis] - value - SMPL_PELVIS[axis];
    });
  }
  return translations;
}

/**
 * One subject in WHAM's world, with the camera that saw it; without `tid` the longest. Frames in which
 * it was lost are interpolated, with a notice. Throws InputError for a subject that is not there and
 * for arrays that do not fit together.
 */
export function whamMotion(
  path: string,
  subjects: ReadonlyMap<number, Subject>,
  { tid }: { tid?: number } = {},
): MotionFile {
  const notices: string[] = [];
  const label = (id: number) => `track ${id} of "${path}"`;
  const ids = new Map([...subjects].map(([id, fields]) => [id, frameIds(fields, label(id))]));
  const lengths = new Map([...ids].map(([id, { length }]) => [id, length]));
  const chosen = chooseTrack(path, lengths, { tid, notices });
  const fields = subjects.get(chosen)!, seenIn = ids.get(chosen)!;
  const sizes = { frames: seenIn.length, label: label(chosen) };
  const row = (name: string, width: number) => rows(fields, name, { ...sizes, width });
  const poses = row("pose_world", 72);
  const motion = filled({ poses, translations: fromHips(poses, row("trans_world", 3)) }, seenIn);
  const seen = filled({ poses: row("pose", 72), translations: row("trans", 3) }, seenIn);
  if (seenIn.length < motion.frames) {
    const lost = motion.frames - seenIn.length;
    notices.push(gapNotice(path, { tid: chosen, lost, frames: motion.frames }));
  }
  return {
    motion,
    ...{ rateKnown: false, up: "y", origin: "smpl", notices },
    betas: meanRow(row("betas", 10), 10),
    cameras: ({ width, height, pelvis }) => {
      const f = Math.hypot(width, height);
      const lens = { width, height, fx: f, fy: f, cx: width / 2, cy: height / 2 };
      return camerasOfRoots({ seen, world: motion }, { pelvis, lens: () => lens });
    },
    firstFrame: seenIn[0],
  };
}
