/**
 * Clips to and from the tensors of a shard.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { BodyPose, Camera } from "../../geometry/mod.ts";
import type { TensorToStore } from "../../io/mod.ts";
import { numberOfSeed, type SynthClip, type SynthPerson } from "../synth/mod.ts";
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

/**
 * The fields of a data set, each a tensor of the shard with the shard's clips in front. Poses are
 * axis-angle, lengths are metres, cameras are f_x, f_y, c_x, c_y, rotation [9], translation [3]
 * (world to camera, OpenCV axes).
 *
 * A record is one camera's film of one scene. P persons share it (the most that the index allows;
 * unused slots are zero):
 *
 * | field                                     | shape per clip | what                                  |
 * | ----------------------------------------- | -------------- | ------------------------------------- |
 * | `video`, `background`                     | [F,H,W,3]      | the scene with and without people     |
 * | `person_mask`                             | [F,H,W]        | 0 nobody, k + 1 the person of slot k  |
 * | `reference`, `reference_mask`             | [P,H,W(,3)]    | a picture of each person, mask 0, 255 |
 * | `reference_pose`, `…_translation`         | [P,72], [P,3]  | the body in it                        |
 * | `reference_camera`                        | [P,16]         | its camera                            |
 * | `pose`, `translation`                     | [P,F,72/3]     | the bodies of the clip                |
 * | `shape`                                   | [P,10]         | the bodies' shapes                    |
 * | `identity`, `motion`                      | [P]            | numbers of people and motion names    |
 * | `cameras`                                 | [F,16]         | one a frame                           |
 * | `camera_kind`, `room`, `seed`             | []             | number of the kind, the place, seed   |
 * | `persons`                                 | []             | how many slots are used, from 1       |
 * | `group`, `view`                           | []             | see below                             |
 * | `fps`                                     | []             | frames a second, where clips differ   |
 * | `estimated_mask`                          | [P,H,W]        | these five, where asked for: what an  |
 * | `estimated_pose`, `…_translation`         | [P,72], [P,3]  | inexact estimate could take for the   |
 * | `estimated_shape`, `estimated_camera`     | [P,10], [P,16] | reference's mask, body and camera     |
 *
 * The V views of a group are V records in a row, in one shard: the same moments of the same scene
 * (equal `group`, `seed`, bodies and references), each by its own camera; `view` counts 0 … V − 1.
 *
 * Version 1 has one person and one view: no P dimension, no `persons`, `group`, `view` and `room`,
 * and `mask` (0 or 255) in place of `person_mask`.
 */
export function datasetFields(index: DatasetIndex): Readonly<Record<string, Field>> {
  const { width: W, height: H, frames: F, version } = index;
  const P = version === 1 ? [] : [index.persons[1]];
  const uint8 = (...shape: number[]): Field => ({ dtype: "uint8", shape });
  const float32 = (...shape: number[]): Field => ({ dtype: "float32", shape });
  const int32 = (...shape: number[]): Field => ({ dtype: "int32", shape });
  return {
    video: uint8(F, H, W, 3),
    background: uint8(F, H, W, 3),
    [version === 1 ? "mask" : "person_mask"]: uint8(F, H, W),
    reference: uint8(...P, H, W, 3),
    reference_mask: uint8(...P, H, W),
    reference_pose: float32(...P, POSE),
    reference_translation: float32(...P, 3),
    reference_camera: float32(...P, CAMERA),
    pose: float32(...P, F, POSE),
    translation: float32(...P, F, 3),
    shape: float32(...P, SHAPE),
    cameras: float32(F, CAMERA),
    identity: int32(...P),
    motion: uint8(...P),
    camera_kind: uint8(),
    seed: int32(),
    ...(version === 1 ? {} : { persons: uint8(), group: int32(), view: uint8(), room: int32() }),
    ...(index.fps.length === 1 ? {} : { fps: float32() }),
    ...(index.estimates
      ? {
        estimated_mask: uint8(...P, H, W),
        estimated_pose: float32(...P, POSE),
        estimated_translation: float32(...P, 3),
        estimated_shape: float32(...P, SHAPE),
        estimated_camera: float32(...P, CAMERA),
      }
      : {}),
  };
}

/** One clip's share of every field. */
export type ClipRecord = Readonly<Record<string, ArrayLike<number>>>;

/** Elements of one clip in a field. */
export function elementsOf({ shape }: Field): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** All clips of a shard as tensors with the clips in the first dimension. */
export function packClips(
  clips: readonly SynthClip[],
  index: DatasetIndex,
): Map<string, TensorToStore> {
  const records = clips.map((clip) => recordOf(clip, index));
  const tensors = new Map<string, TensorToStore>();
  for (const [name, field] of Object.entries(datasetFields(index))) {
    const each = elementsOf(field);
    const all = newArray(field.dtype, each * clips.length);
    records.forEach((record, i) => all.set(record[name], i * each));
    const bytes = new Uint8Array(all.buffer, all.byteOffset, all.byteLength);
    tensors.set(name, { dtype: field.dtype, shape: [clips.length, ...field.shape], bytes });
  }
  return tensors;
}

/** The clip that a record holds; cameras come back with the precision of float32. */
export function unpackClip(record: ClipRecord, index: DatasetIndex): SynthClip {
  const { width, height, frames: count, version } = index;
  const fps = index.fps.length === 1 ? index.fps[0] : record.fps[0];
  const pictures = (name: string) => ({
    width,
    height,
    count,
    fps,
    data: record[name] as Uint8Array,
  });
  const used = version === 1 ? 1 : record.persons[0];
  if (used < 1 || used > index.persons[1]) {
    throw new InputError(`a record has ${used} persons, expected 1 to ${index.persons[1]}`);
  }
  const persons = Array.from({ length: used }, (_, slot) => unpackPerson(record, slot, index));
  const masks = version === 1
    ? { mask: record.mask as Uint8Array, personMask: binary(record.mask, 1) }
    : { mask: binary(record.person_mask, 255), personMask: record.person_mask as Uint8Array };
  return {
    ...persons[0],
    ...masks,
    persons,
    frames: pictures("video"),
    background: pictures("background"),
    cameras: Array.from({ length: count }, (_, f) => unpackCamera(record.cameras, f, index)),
    cameraKind: index.cameraKinds[record.camera_kind[0]] as SynthClip["cameraKind"],
    seed: record.seed[0],
    view: version === 1 ? 0 : record.view[0],
    room: version === 1 ? numberOfSeed(record.seed[0]) : record.room[0],
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

function unpackPerson(record: ClipRecord, slot: number, index: DatasetIndex): SynthPerson {
  const { width, height, frames } = index;
  const part = (name: string, size: number): ArrayLike<number> =>
    (record[name] as Float32Array).subarray(slot * size, (slot + 1) * size);
  const shapeOf = (name: string) => Float32Array.from(part(name, SHAPE));
  const shape = shapeOf("shape");
  const pose = (
    poses: ArrayLike<number>,
    places: ArrayLike<number>,
    at: number,
    own = shape,
  ): BodyPose => ({
    pose: (poses as Float32Array).slice(at * POSE, (at + 1) * POSE),
    translation: [places[at * 3], places[at * 3 + 1], places[at * 3 + 2]],
    shape: own,
  });
  const estimate = () => ({
    mask: part("estimated_mask", width * height) as Uint8Array,
    pose: pose(
      record.estimated_pose,
      record.estimated_translation,
      slot,
      shapeOf("estimated_shape"),
    ),
    camera: unpackCamera(record.estimated_camera, slot, index),
  });
  const [poses, places] = [part("pose", frames * POSE), part("translation", frames * 3)];
  const data = part("reference", width * height * 3) as Uint8Array;
  return {
    reference: { width, height, count: 1, fps: 1, data },
    referenceMask: part("reference_mask", width * height) as Uint8Array,
    referencePose: pose(record.reference_pose, record.reference_translation, slot),
    referenceCamera: unpackCamera(record.reference_camera, slot, index),
    ...(index.estimates ? { estimate: estimate() } : {}),
    identity: record.identity[slot],
    poses: Array.from({ length: frames }, (_, frame) => pose(poses, places, frame)),
    motionName: index.motions[record.motion[slot]],
    shape,
  };
}

function unpackCamera(
  numbers: ArrayLike<number>,
  at: number,
  { width, height }: DatasetIndex,
): Camera {
  const [fx, fy, cx, cy, ...rest] = (numbers as Float32Array).subarray(at * CAMERA);
  const rotation = Float64Array.from(rest.slice(0, 9));
  const translation = Float64Array.from(rest.slice(9, 12));
  return { width, height, fx, fy, cx, cy, rotation, translation };
}

function recordOf(clip: SynthClip, index: DatasetIndex): Record<string, ArrayLike<number>> {
  const { persons } = clip;
  const each = (numbers: (person: SynthPerson) => ArrayLike<number>) =>
    persons.flatMap((person) => Array.from(numbers(person)));
  const record = {
    video: clip.frames.data,
    background: clip.background.data,
    mask: clip.mask,
    person_mask: clip.personMask,
    reference: joined(persons.map(({ reference }) => reference.data)),
    reference_mask: joined(persons.map(({ referenceMask }) => referenceMask)),
    reference_pose: each(({ referencePose }) => referencePose.pose),
    reference_translation: each(({ referencePose }) => referencePose.translation),
    reference_camera: each(({ referenceCamera }) => cameraNumbers(referenceCamera)),
    pose: each(({ poses }) => poses.flatMap(({ pose }) => [...pose])),
    translation: each(({ poses }) => poses.flatMap(({ translation }) => [...translation])),
    shape: each(({ shape }) => shape),
    cameras: clip.cameras.flatMap(cameraNumbers),
    identity: each(({ identity }) => [identity]),
    motion: each(({ motionName }) => [index.motions.indexOf(motionName)]),
    camera_kind: [index.cameraKinds.indexOf(clip.cameraKind)],
    seed: [clip.seed],
    persons: [persons.length],
    group: [clip.seed - index.seed],
    view: [clip.view],
    room: [clip.room],
    fps: [clip.frames.fps],
  };
  return index.estimates ? { ...record, ...estimatesOf(persons) } : record;
}

function estimatesOf(persons: readonly SynthPerson[]): Record<string, ArrayLike<number>> {
  const all = persons.map(({ estimate }) => estimate!);
  const each = (numbers: (pose: BodyPose) => ArrayLike<number>) =>
    all.flatMap(({ pose }) => Array.from(numbers(pose)));
  return {
    estimated_mask: joined(all.map(({ mask }) => mask)),
    estimated_pose: each(({ pose }) => pose),
    estimated_translation: each(({ translation }) => translation!),
    estimated_shape: each(({ shape }) => shape!),
    estimated_camera: all.flatMap(({ camera }) => cameraNumbers(camera)),
  };
}

function cameraNumbers({ fx, fy, cx, cy, rotation, translation }: Camera): number[] {
  return [fx, fy, cx, cy, ...rotation, ...translation];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

function binary(mask: ArrayLike<number>, one: number): Uint8Array {
  return Uint8Array.from(mask, (value) => value > 0 ? one : 0);
}

function newArray(dtype: StoredType, length: number): Uint8Array | Float32Array | Int32Array {
  if (dtype === "uint8") return new Uint8Array(length);
  return dtype === "float32" ? new Float32Array(length) : new Int32Array(length);
}
