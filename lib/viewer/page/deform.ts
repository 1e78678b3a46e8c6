/**
 * A body in the pose of a frame: forward kinematics and linear blend skinning, as SMPL defines them
 * (Loper et al. 2015, eq. 2-4).
 * @module
 */
import type { DecodedScene } from "./decode.ts";

/** Which body, and when. */
export interface BodyMoment {
  readonly person: number;
  readonly frame: number;
}

/** Writes vertices and normals [V·3] of a body at a frame. */
export function deform(
  scene: DecodedScene,
  { person, frame }: BodyMoment,
  { places, normals }: { readonly places: Float32Array; readonly normals: Float32Array },
): void {
  const { vertices, skinJoints, skinWeights } = scene;
  const { rest, normals: restNormals } = scene.persons[person];
  const moves = jointMoves(scene, { person, frame });
  const influences = skinJoints.length / vertices;
  const m = new Float64Array(12);
  for (let vertex = 0; vertex < vertices; vertex++) {
    m.fill(0);
    for (let k = vertex * influences; k < (vertex + 1) * influences; k++) {
      const weight = skinWeights[k] / 65535;
      if (weight === 0) continue;
      const from = skinJoints[k] * 12;
      for (let i = 0; i < 12; i++) m[i] += weight * moves[from + i];
    }
    const at = vertex * 3;
    const x = rest[at], y = rest[at + 1], z = rest[at + 2];
    const nx = restNormals[at], ny = restNormals[at + 1], nz = restNormals[at + 2];
    let length = 0;
    for (let row = 0; row < 3; row++) {
      const [a, b, c, shift] = [m[row * 4], m[row * 4 + 1], m[row * 4 + 2], m[row * 4 + 3]];
      places[at + row] = a * x + b * y + c * z + shift;
      normals[at + row] = a * nx + b * ny + c * nz;
      length += normals[at + row] ** 2;
    }
    length = Math.sqrt(length) || 1;
    for (let row = 0; row < 3; row++) normals[at + row] /= length;
  }
}

/** [J·12] rows of the 3×4 transforms that take rest places to posed ones. */
function jointMoves(scene: DecodedScene, { person, frame }: BodyMoment): Float64Array {
  const { parents } = scene;
  const { joints, poses } = scene.persons[person];
  const step = joints.length + 3;
  const pose = poses.subarray(frame * step, (frame + 1) * step);
  const out = new Float64Array(parents.length * 12);
  const local = new Float64Array(9);
  const none = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
  for (const [joint, parent] of parents.entries()) {
    rotationOf(pose.subarray(joint * 3, joint * 3 + 3), local);
    const up = parent < 0 ? none : out.subarray(parent * 12, parent * 12 + 12);
    const centre = joints.subarray(joint * 3, joint * 3 + 3);
    for (let row = 0; row < 3; row++) {
      // Where the joint is taken by those above it; the root goes by the translation.
      let place = up[row * 4 + 3] + (parent < 0 ? pose[joints.length + row] : 0);
      for (let k = 0; k < 3; k++) {
        place += up[row * 4 + k] * centre[k];
        for (let column = 0; column < 3; column++) {
          out[joint * 12 + row * 4 + column] += up[row * 4 + k] * local[k * 3 + column];
        }
      }
      for (let k = 0; k < 3; k++) place -= out[joint * 12 + row * 4 + k] * centre[k];
      out[joint * 12 + row * 4 + 3] = place;
    }
  }
  return out;
}

/** Axis-angle as a row-major matrix (Rodrigues). */
function rotationOf([x, y, z]: Float32Array, out: Float64Array): void {
  const angle = Math.hypot(x, y, z);
  const s = angle > 1e-9 ? Math.sin(angle) / angle : 1;
  const c = angle > 1e-9 ? (1 - Math.cos(angle)) / angle ** 2 : 0.5;
  // I + s·K + c·K², K the cross product's matrix.
  out.set([1 - c * (y * y + z * z), c * x * y - s * z, c * x * z + s * y], 0);
  out.set([c * x * y + s * z, 1 - c * (x * x + z * z), c * y * z - s * x], 3);
  out.set([c * x * z - s * y, c * y * z + s * x, 1 - c * (x * x + y * y)], 6);
}
