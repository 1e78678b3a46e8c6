/**
 * What cameras and rooms have to know of the people in a clip.
 * @module
 */
import {
  type BodyMesh,
  boundsOf,
  cameraCentre,
  type CameraPath,
  JOINT_NAMES,
  type Motion,
  motionFrame,
  partVertices,
  pickVertices,
} from "../../geometry/mod.ts";
import type { PartOfPerson, Subject } from "./camera_moves.ts";
import type { FreeSpace } from "./scene.ts";

/** Every how many-th vertex stands for the body when a camera is placed. */
const SPARSE = 23;

const SHOULDERS = (["left_shoulder", "right_shoulder"] as const).map((name) =>
  JOINT_NAMES.indexOf(name) * 3
);

/** One moving body as a camera's subject. */
export function subjectOf(body: BodyMesh, motion: Motion, shape: Float32Array): Subject {
  const centres = new Float32Array(motion.frames * 3);
  const points: Float32Array[] = [];
  let top = 0, facing = 0;
  for (let frame = 0; frame < motion.frames; frame++) {
    const { vertices, joints } = body.pose({ ...motionFrame(motion, frame), shape });
    centres.set(joints.subarray(0, 3), frame * 3);
    const some: number[] = [];
    for (let i = 0; i < body.bodyFaces.length; i += SPARSE) {
      const at = body.bodyFaces[i] * 3;
      some.push(vertices[at], vertices[at + 1], vertices[at + 2]);
      top = Math.max(top, vertices[at + 1]);
    }
    points.push(Float32Array.from(some));
    if (frame === 0) facing = facingOf(joints);
  }
  return { points, centres, facing, top };
}

/** All of a clip's people as one subject: their middle is followed, all of them are kept in view. */
export function joinSubjects(subjects: readonly Subject[]): Subject {
  const [first] = subjects;
  if (subjects.length === 1) return first;
  return {
    points: first.points.map((_, frame) =>
      Float32Array.from(subjects.flatMap(({ points }) => [...points[frame]]))
    ),
    centres: first.centres.map((_, i) =>
      subjects.reduce((sum, { centres }) => sum + centres[i], 0) / subjects.length
    ),
    facing: first.facing,
    top: Math.max(...subjects.map(({ top }) => top)),
  };
}

/** A part of a moving body as a camera's subject; `others` are the rest of the people. */
export function partSubject(
  body: BodyMesh,
  { motion, shape, whole }: { motion: Motion; shape: Float32Array; whole: Subject },
  { name, others = [] }: { name: PartOfPerson["name"]; others?: readonly Subject[] },
): Subject {
  const part = partVertices(body, name);
  const sides = sidesOf(body, part);
  const centres = new Float32Array(motion.frames * 3);
  const points: Float32Array[] = [];
  const ahead = [0, 0];
  let extent = 0;
  for (let frame = 0; frame < motion.frames; frame++) {
    const { vertices, joints } = body.pose({ ...motionFrame(motion, frame), shape });
    const some = pickVertices(vertices, part);
    const { min, max } = boundsOf([some]);
    points.push(some);
    centres.set(min.map((low, axis) => (low + max[axis]) / 2), frame * 3);
    extent = Math.max(extent, max[1] - min[1]);
    const facing = name === "face"
      ? across(pickVertices(vertices, sides), [0, 3])
      : across(joints, SHOULDERS);
    ahead[0] += Math.sin(facing);
    ahead[1] += Math.cos(facing);
  }
  const [{ top }, facing] = [whole, Math.atan2(ahead[0], ahead[1])];
  const rest = points.map((_, frame) =>
    Float32Array.from(others.flatMap(({ points }) => [...points[frame]]))
  );
  return { points, centres, facing, top, part: { name, extent, own: whole.points, others: rest } };
}

/** The vertices of a part that are farthest to the left and to the right in the T-pose. */
function sidesOf({ template }: BodyMesh, part: Uint32Array): Uint32Array {
  const end = (sign: number) =>
    part.reduce((best, v) => sign * template[v * 3] > sign * template[best * 3] ? v : best);
  return Uint32Array.of(end(1), end(-1));
}

/** The hips' left-to-right line tells where the body faces. */
function facingOf(joints: Float32Array): number {
  return across(joints, [3, 6]);
}

/** The direction across a line over the floor from a left point to a right one. */
function across(points: Float32Array, [left, right]: readonly number[]): number {
  return Math.atan2(-(points[left + 2] - points[right + 2]), points[left] - points[right]);
}

/** Floor that bodies and cameras take, with room to spare. */
export function freeSpace(subject: Subject, cameras: CameraPath): FreeSpace {
  const spare = 0.5;
  const eyes = cameras.map((camera) => Float32Array.from(cameraCentre(camera)));
  const { min, max } = boundsOf([...subject.points, ...eyes]);
  return {
    min: [min[0] - spare, min[2] - spare],
    max: [max[0] + spare, max[2] + spare],
    height: Math.max(...eyes.map((eye) => eye[1])),
  };
}
