/**
 * A photograph's person as the picture shows it: every pixel of the mask goes along with the part of the
 * body on which, or beside which, it lies. Hair, hats, sleeves, skirts and bags are there as they were;
 * what the picture does not show is left to the painted body behind.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  inverse,
  JOINT_COUNT,
  rotate,
} from "../geometry/mod.ts";
import { type ReliefGrid, reliefGrid, type ReliefView } from "./relief_grid.ts";
import { localTo, standOf } from "./stand.ts";
import type { PosedSurface } from "./surface.ts";

/** A grid of places, each carried by some joints. */
export interface Relief extends Pick<ReliefGrid, "faces" | "uv" | "keep"> {
  /** [N·4] joints that carry a place. */
  readonly joints: Uint8Array;
  /** [N·4] by how much; 1 in sum. */
  readonly weights: Float32Array;
  /** [N·4·3] from each joint in its own axes, metres. */
  readonly local: Float32Array;
  /** [J·3] the way to the picture's camera in each joint's axes. */
  readonly facing: Float32Array;
}

/** Rounds in which places take on what carries their neighbours. */
const SMOOTH = 12;
/** Joints that carry a place. */
const EACH = 4;
/** What is turned away by more, as the cosine, shows that it is flat. */
const EDGE_ON = 0.3;

/** The relief of a picture; undefined where the mask or the body is not in it. */
export function findRelief(view: ReliefView & { readonly pose: BodyPose }): Relief | undefined {
  const { body, pose, camera } = view;
  const grid = reliefGrid(view);
  if (!grid) return undefined;
  const { faces, places, uv, keep, vertex: { length: count } } = grid;
  const carried = smoothed(grid, body);
  const joints = new Uint8Array(count * EACH), weights = new Float32Array(count * EACH);
  const local = new Float32Array(count * EACH * 3);
  const stand = standOf(body, pose);
  for (let i = 0; i < count; i++) {
    const own = carried.subarray(i * JOINT_COUNT, (i + 1) * JOINT_COUNT);
    const best = largest(own, EACH);
    const sum = best.reduce((all, joint) => all + own[joint], 0);
    const place = places.subarray(i * 3, i * 3 + 3);
    best.forEach((joint, k) => {
      joints[i * EACH + k] = joint;
      weights[i * EACH + k] = own[joint] / sum;
      local.set(localTo(stand[joint], place), (i * EACH + k) * 3);
    });
  }
  const towards = camera.rotation.slice(6).map((value) => -value);
  const facing = Float32Array.from(stand.flatMap(({ turn }) => rotate(inverse(turn), towards)));
  return { joints, weights, local, facing, faces, uv, keep };
}

/** A relief where a pose has it, as far as a camera sees it from before. */
export function poseRelief(
  { joints, weights, local, facing, keep }: Relief,
  { body, pose, camera: { rotation: r } }: {
    readonly body: BodyMesh;
    readonly pose: BodyPose;
    readonly camera: Camera;
  },
): PosedSurface & { readonly keep: Float32Array } {
  const stand = standOf(body, pose);
  const vertices = new Float32Array(keep.length * 3), normals = vertices.slice();
  const shown = keep.slice();
  const ways = stand.map(({ turn }, joint) =>
    rotate(turn, facing.subarray(joint * 3, joint * 3 + 3))
  );
  const seen = ways.map((way) => -(r[6] * way[0] + r[7] * way[1] + r[8] * way[2]) - EDGE_ON);
  for (let i = 0; i < joints.length; i++) {
    if (weights[i] === 0) continue;
    const { at, turn } = stand[joints[i]];
    const place = rotate(turn, local.subarray(i * 3, i * 3 + 3));
    const node = Math.floor(i / EACH), to = node * 3;
    if (i % EACH === 0) {
      normals.set(ways[joints[i]], to);
      shown[node] = Math.min(shown[node], seen[joints[i]]);
    }
    for (let c = 0; c < 3; c++) vertices[to + c] += weights[i] * (at[c] + place[c]);
  }
  return { vertices, normals, keep: shown };
}

/** Indices of the `count` largest values, those that are equal in their order. */
function largest(values: ArrayLike<number>, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let at = found.length;
    while (at > 0 && values[i] > values[found[at - 1]]) at--;
    if (at === count) continue;
    found.splice(at, 0, i);
    found.length = Math.min(found.length, count);
  }
  return found;
}

/** [N·J] how much each joint carries each place: as the body there, without jumps. */
function smoothed(
  { vertex, faces }: ReliefGrid,
  { skinJoints, skinWeights, vertexCount }: BodyMesh,
): Float32Array {
  const J = JOINT_COUNT, count = vertex.length;
  const each = skinJoints.length / vertexCount;
  let carried = new Float32Array(count * J);
  vertex.forEach((v, i) => {
    for (let k = v * each; k < (v + 1) * each; k++) {
      carried[i * J + skinJoints[k]] += skinWeights[k];
    }
  });
  const many = new Float32Array(count).fill(1);
  for (const i of faces) many[i] += 2;
  for (let round = 0; round < SMOOTH; round++) {
    const sums = carried.slice();
    for (let f = 0; f < faces.length; f += 3) {
      const [a, b, c] = [faces[f] * J, faces[f + 1] * J, faces[f + 2] * J];
      for (let j = 0; j < J; j++) {
        const [x, y, z] = [carried[a + j], carried[b + j], carried[c + j]];
        // One at a time: sums of single precision depend on their order.
        sums[a + j] += y;
        sums[a + j] += z;
        sums[b + j] += x;
        sums[b + j] += z;
        sums[c + j] += y;
        sums[c + j] += x;
      }
    }
    for (let i = 0, at = 0; i < count; i++) {
      for (let j = 0; j < J; j++, at++) sums[at] /= many[i];
    }
    carried = sums;
  }
  return carried;
}
