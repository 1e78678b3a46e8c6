/**
 * Clips to and from the tensors of a shard.
 * @module
 */
import type { BodyPose, Camera } from "../../geometry/mod.ts";
import type { TensorToStore } from "../../io/mod.ts";
import type { SynthClip } from "../synth/mod.ts";
import type { DatasetIndex } from "./layout.ts";

/** Numbers of one camera: f_x, f_y, c_x, c_y, rotation (9), translation (3). */
const CAMERA = 16;
const POSE = 72;
const SHAPE = 10;

type StoredType = "uint8" | "float32" | "int32";

/** A stored field of a clip. */
export interface Field {
  /** How numbers are stored. */
  readonly dtype: StoredType;
  /** Shape of one clip's share. */
  readonly shape: readonly number[];
}

/** The fields of a data set. Poses are axis-angle; lengths are metres. */
export function datasetFields({ width: W, height: H, frames: F }: DatasetIndex) {
  return {
    video: { dtype: "uint8", shape: [F, H, W, 3] },
    background: { dtype: "uint8", shape: [F, H, W, 3] },
    mask: { dtype: "uint8", shape: [F, H, W] },
    reference: { dtype: "uint8", shape: [H, W, 3] },
    reference_mask: { dtype: "uint8", shape: [H, W] },
    reference_pose: { dtype: "float32", shape: [POSE] },
    reference_translation: { dtype: "float32", shape: [3] },
    reference_camera: { dtype: "float32", shape: [CAMERA] },
    pose: { dtype: "float32", shape: [F, POSE] },
    translation: { dtype: "float32", shape: [F, 3] },
    shape: { dtype: "float32", shape: [SHAPE] },
    cameras: { dtype: "float32", shape: [F, CAMERA] },
    identity: { dtype: "int32", shape: [] },
    motion: { dtype: "uint8", shape: [] },
    camera_kind: { dtype: "uint8", shape: [] },
    seed: { dtype: "int32", shape: [] },
  } as const satisfies Record<string, Field>;
}

/** Name of a stored field. */
export type FieldName = keyof ReturnType<typeof datasetFields>;

/** One clip's share of every field. */
export type ClipRecord = Record<FieldName, ArrayLike<number>>;

/** Elements of one clip in a field. */
export function elementsOf({ shape }: Field): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** All clips of a shard as tensors with the clips in the first dimension. */
export function packClips(
  clips: readonly SynthClip[],
  index: DatasetIndex,
): Map<string, TensorToStore> {
  const fields = datasetFields(index);
  const records = clips.map((clip) => recordOf(clip, index));
  const tensors = new Map<string, TensorToStore>();
  for (const [name, field] of Object.entries(fields)) {
    const each = elementsOf(field);
    const all = newArray(field.dtype, each * clips.length);
    records.forEach((record, i) => all.set(record[name as FieldName], i * each));
    const bytes = new Uint8Array(all.buffer, all.byteOffset, all.byteLength);
    tensors.set(name, { dtype: field.dtype, shape: [clips.length, ...field.shape], bytes });
  }
  return tensors;
}

/** The clip that a record holds; cameras come back with the precision of float32. */
export function unpackClip(record: ClipRecord, index: DatasetIndex): SynthClip {
  const { width, height, frames: count, fps } = index;
  const shape = Float32Array.from(record.shape);
  const bytes = (name: FieldName) => record[name] as Uint8Array;
  const pictures = (name: FieldName) => ({ width, height, count, fps, data: bytes(name) });
  const pose = (poses: ArrayLike<number>, places: ArrayLike<number>, at: number): BodyPose => ({
    pose: (poses as Float32Array).slice(at * POSE, (at + 1) * POSE),
    translation: [places[at * 3], places[at * 3 + 1], places[at * 3 + 2]],
    shape,
  });
  const camera = (numbers: ArrayLike<number>, at: number): Camera => {
    const [fx, fy, cx, cy, ...rest] = (numbers as Float32Array).subarray(at * CAMERA);
    const rotation = Float64Array.from(rest.slice(0, 9));
    return {
      width,
      height,
      fx,
      fy,
      cx,
      cy,
      rotation,
      translation: Float64Array.from(rest.slice(9, 12)),
    };
  };
  const each = Array.from({ length: count }, (_, frame) => frame);
  return {
    frames: pictures("video"),
    background: pictures("background"),
    mask: bytes("mask"),
    reference: { width, height, count: 1, fps: 1, data: bytes("reference") },
    referenceMask: bytes("reference_mask"),
    referencePose: pose(record.reference_pose, record.reference_translation, 0),
    referenceCamera: camera(record.reference_camera, 0),
    poses: each.map((frame) => pose(record.pose, record.translation, frame)),
    shape,
    cameras: each.map((frame) => camera(record.cameras, frame)),
    identity: record.identity[0],
    motionName: index.motions[record.motion[0]],
    cameraKind: index.cameraKinds[record.camera_kind[0]] as SynthClip["cameraKind"],
    seed: record.seed[0],
  };
}

/** Views bytes read from a shard as the field's numbers. */
export function viewBytes(dtype: StoredType, bytes: Uint8Array<ArrayBuffer>): ArrayLike<number> {
  if (dtype === "uint8") return bytes;
  const [buffer, at, length] = [bytes.buffer, bytes.byteOffset, bytes.length / 4];
  return dtype === "float32"
    ? new Float32Array(buffer, at, length)
    : new Int32Array(buffer, at, length);
}

function recordOf(clip: SynthClip, index: DatasetIndex): ClipRecord {
  return {
    video: clip.frames.data,
    background: clip.background.data,
    mask: clip.mask,
    reference: clip.reference.data,
    reference_mask: clip.referenceMask,
    reference_pose: clip.referencePose.pose,
    reference_translation: [...clip.referencePose.translation],
    reference_camera: cameraNumbers(clip.referenceCamera),
    pose: clip.poses.flatMap(({ pose }) => [...pose]),
    translation: clip.poses.flatMap(({ translation }) => [...translation]),
    shape: clip.shape,
    cameras: clip.cameras.flatMap(cameraNumbers),
    identity: [clip.identity],
    motion: [index.motions.indexOf(clip.motionName)],
    camera_kind: [index.cameraKinds.indexOf(clip.cameraKind)],
    seed: [clip.seed],
  };
}

function cameraNumbers({ fx, fy, cx, cy, rotation, translation }: Camera): number[] {
  return [fx, fy, cx, cy, ...rotation, ...translation];
}

function newArray(dtype: StoredType, length: number): Uint8Array | Float32Array | Int32Array {
  if (dtype === "uint8") return new Uint8Array(length);
  return dtype === "float32" ? new Float32Array(length) : new Int32Array(length);
}
