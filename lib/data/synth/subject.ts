/**
 * What cameras and rooms have to know of the people in a clip.
 * @module
 */
import {
  type BodyMesh,
  boundsOf,
  cameraCentre,
  type CameraPath,
  type Motion,
  motionFrame,
} from "../../geometry/mod.ts";
import type { Subject } from "./camera_moves.ts";
import type { FreeSpace } from "./scene.ts";

/** Every how many-th vertex stands for the body when a camera is placed. */
const SPARSE = 23;

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

/** The hips' left-to-right line tells where the body faces. */
function facingOf(joints: Float32Array): number {
  const [dx, dz] = [joints[3] - joints[6], joints[5] - joints[8]];
  return Math.atan2(-dz, dx);
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
