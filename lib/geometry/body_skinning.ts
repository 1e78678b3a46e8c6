/**
 * SMPL's body function (Loper et al. 2015, eq. 2–12): shape, pose blend shapes, joints, forward
 * kinematics and linear blend skinning over typed arrays.
 * @module
 */

import { axisAngleMatrix } from "./quaternion.ts";

// V vertices, J joints, S shape directions, K joints that move one vertex

/** The numbers of a body. All lengths in metres. */
export interface SkinModel {
  /** [V·3] rest vertices of the mean shape. */
  readonly template: Float32Array;
  /** S directions, each [V·3], per unit of its coefficient. */
  readonly shapeVertices: readonly Float32Array[];
  /** [J·3] rest joints of the mean shape. */
  readonly joints: Float64Array;
  /** S directions, each [J·3]: how the joints follow the shape. */
  readonly shapeJoints: readonly Float64Array[];
  /** 9·(J − 1) directions, each [V·3], per entry of R − I (row-major, root left out); or none. */
  readonly poseVertices: readonly Float32Array[];
  /** [J] parent of each joint, −1 for the root; parents come first. */
  readonly parents: Int32Array;
  /** [V·K] joints that move each vertex. */
  readonly skinJoints: Uint8Array;
  /** [V·K] their weights; each vertex's sum to 1. */
  readonly skinWeights: Float32Array;
}

/** A body of one shape, not yet posed. */
export interface ShapedBody {
  /** [V·3] */
  readonly vertices: Float32Array;
  /** [J·3] */
  readonly joints: Float64Array;
}

/** Rest vertices and joints of a shape: template plus directions times coefficients (eq. 8, 10). */
export function applyShape(model: SkinModel, shape: ArrayLike<number>): ShapedBody {
  const vertices = model.template.slice();
  const joints = model.joints.slice();
  const used = Math.min(shape.length, model.shapeVertices.length);
  for (let s = 0; s < used; s++) {
    const by = shape[s];
    if (by === 0) continue;
    const direction = model.shapeVertices[s];
    for (let i = 0; i < vertices.length; i++) vertices[i] += by * direction[i];
    const follow = model.shapeJoints[s];
    for (let i = 0; i < joints.length; i++) joints[i] += by * follow[i];
  }
  return { vertices, joints };
}

/** Where a pose puts the joints. */
export interface Skeleton {
  /** [J·9] each joint's rotation relative to its parent, row-major. */
  readonly local: Float64Array;
  /** [J·9] each joint's rotation in the world, row-major. */
  readonly world: Float64Array;
  /** [J·3] joint positions. */
  readonly positions: Float64Array;
}

/** Forward kinematics: axis-angle pose [J·3] over rest joints [J·3], root moved by `translation`. */
export function poseSkeleton(
  parents: Int32Array,
  rest: Float64Array,
  pose: ArrayLike<number>,
  translation: ArrayLike<number>,
): Skeleton {
  const count = parents.length;
  const local = new Float64Array(count * 9);
  const world = new Float64Array(count * 9);
  const positions = new Float64Array(count * 3);
  for (let joint = 0; joint < count; joint++) {
    axisAngleMatrix(pose, joint * 3, local, joint * 9);
    const own = joint * 9;
    const parent = parents[joint];
    if (parent < 0) {
      for (let i = 0; i < 9; i++) world[own + i] = local[own + i];
      for (let i = 0; i < 3; i++) positions[joint * 3 + i] = rest[joint * 3 + i] + translation[i];
      continue;
    }
    const up = parent * 9;
    for (let row = 0; row < 3; row++) {
      let place = positions[parent * 3 + row];
      for (let k = 0; k < 3; k++) {
        const turn = world[up + row * 3 + k];
        place += turn * (rest[joint * 3 + k] - rest[parent * 3 + k]);
        for (let column = 0; column < 3; column++) {
          world[own + row * 3 + column] += turn * local[own + k * 3 + column];
        }
      }
      positions[joint * 3 + row] = place;
    }
  }
  return { local, world, positions };
}

/** Adds pose blend shapes: directions times the entries of R − I of all joints but the root (eq. 9). */
function addPoseShapes(model: SkinModel, local: Float64Array, vertices: Float32Array): void {
  for (let feature = 0; feature < model.poseVertices.length; feature++) {
    const entry = feature % 9;
    const by = local[9 + feature] - (entry % 4 === 0 ? 1 : 0);
    if (by === 0) continue;
    const direction = model.poseVertices[feature];
    for (let i = 0; i < vertices.length; i++) vertices[i] += by * direction[i];
  }
}

/** [J·12] rows of the 3×4 transforms that take rest positions to posed ones (eq. 3–4). */
function skinTransforms(skeleton: Skeleton, rest: Float64Array): Float64Array {
  const { world, positions } = skeleton;
  const count = positions.length / 3;
  const out = new Float64Array(count * 12);
  for (let joint = 0; joint < count; joint++) {
    for (let row = 0; row < 3; row++) {
      let shift = positions[joint * 3 + row];
      for (let k = 0; k < 3; k++) {
        const turn = world[joint * 9 + row * 3 + k];
        out[joint * 12 + row * 4 + k] = turn;
        shift -= turn * rest[joint * 3 + k];
      }
      out[joint * 12 + row * 4 + 3] = shift;
    }
  }
  return out;
}

/** Posed vertices [V·3] of a shaped body (eq. 2). */
export function skin(model: SkinModel, shaped: ShapedBody, skeleton: Skeleton): Float32Array {
  let rest = shaped.vertices;
  if (model.poseVertices.length > 0) {
    rest = rest.slice();
    addPoseShapes(model, skeleton.local, rest);
  }
  const { skinJoints, skinWeights } = model;
  const transforms = skinTransforms(skeleton, shaped.joints);
  const count = rest.length / 3;
  const perVertex = skinJoints.length / count;
  const out = new Float32Array(rest.length);
  for (let vertex = 0; vertex < count; vertex++) {
    const x = rest[vertex * 3], y = rest[vertex * 3 + 1], z = rest[vertex * 3 + 2];
    let outX = 0, outY = 0, outZ = 0;
    for (let k = vertex * perVertex; k < (vertex + 1) * perVertex; k++) {
      const weight = skinWeights[k];
      if (weight === 0) continue;
      const t = skinJoints[k] * 12;
      const m = transforms;
      outX += weight * (m[t] * x + m[t + 1] * y + m[t + 2] * z + m[t + 3]);
      outY += weight * (m[t + 4] * x + m[t + 5] * y + m[t + 6] * z + m[t + 7]);
      outZ += weight * (m[t + 8] * x + m[t + 9] * y + m[t + 10] * z + m[t + 11]);
    }
    out[vertex * 3] = outX;
    out[vertex * 3 + 1] = outY;
    out[vertex * 3 + 2] = outZ;
  }
  return out;
}
