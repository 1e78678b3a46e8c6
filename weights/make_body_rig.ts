/**
 * From MakeHuman's rig and rest pose to SMPL's: which bones make which of the 24 joints, where the
 * joints lie, and the re-posing of the A-pose into SMPL's T-pose.
 * @module
 */

import type { BaseMesh } from "./make_body_source.ts";

/** Parents of SMPL's 24 joints (Loper et al. 2015). */
// deno-fmt-ignore
export const PARENTS = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21];

/** Left joints and the MakeHuman cubes whose mean is their place; right ones are mirrored names. */
const CUBES: [number, number, string[]][] = [
  [0, 0, ["joint-spine-4"]],
  [1, 2, ["joint-l-upper-leg"]],
  [3, 3, ["joint-spine-3"]],
  [4, 5, ["joint-l-knee"]],
  [6, 6, ["joint-spine-2"]],
  [7, 8, ["joint-l-ankle"]],
  [9, 9, ["joint-spine-1"]],
  [10, 11, ["joint-l-toe-2-1", "joint-l-toe-3-1"]],
  [12, 12, ["joint-neck"]],
  [13, 14, ["joint-l-clavicle", "joint-l-scapula"]],
  [15, 15, ["joint-head"]],
  [16, 17, ["joint-l-shoulder"]],
  [18, 19, ["joint-l-elbow"]],
  [20, 21, ["joint-l-hand"]],
  [22, 23, [2, 3, 4, 5].map((finger) => `joint-l-finger-${finger}-1`)],
];

/** MakeHuman bones by the SMPL joint (left one) that moves them; the first match counts. */
const BONES: [RegExp, number][] = [
  [/^(root|pelvis|spine0[45])/, 0],
  [/^upperleg/, 1],
  [/^spine03/, 3],
  [/^lowerleg/, 4],
  [/^spine02/, 6],
  [/^foot/, 7],
  [/^(spine01|breast)/, 9],
  [/^toe/, 10],
  [/^neck/, 12],
  [/^(clavicle|shoulder)/, 13],
  [/^upperarm/, 16],
  [/^lowerarm/, 18],
  [/^(wrist|metacarpal)/, 20],
  [/^finger/, 22],
  [/./, 15], // all that is left moves the face
];

const mean = (vertices: Float64Array, indices: number[], axis: number) =>
  indices.reduce((sum, index) => sum + vertices[index * 3 + axis], 0) / indices.length;

/** Joint places [24·3] for vertices (or displacements) of the base mesh: linear in them. */
export function joints(mesh: BaseMesh, vertices: Float64Array): Float64Array {
  const out = new Float64Array(72);
  for (const [left, right, names] of CUBES) {
    for (const joint of new Set([left, right])) {
      const side = names.map((name) => joint === left ? name : name.replace("-l-", "-r-"));
      for (let axis = 0; axis < 3; axis++) {
        const places = side.map((name) => mean(vertices, mesh.cubes.get(name)!, axis));
        out[joint * 3 + axis] = places.reduce((a, b) => a + b) / places.length;
      }
    }
  }
  return out;
}

/** Dense skin weights [N·24] of the base mesh's vertices, each row summing to 1. */
export function skinWeights(bones: Map<string, [number, number][]>, count: number): Float64Array {
  const dense = new Float64Array(count * 24);
  for (const [bone, pairs] of bones) {
    const left = BONES.find(([pattern]) => pattern.test(bone))![1];
    const right = CUBES.find(([joint]) => joint === left)![1];
    const joint = bone.endsWith(".R") ? right : left;
    for (const [vertex, weight] of pairs) dense[vertex * 24 + joint] += weight;
  }
  for (let vertex = 0; vertex < count; vertex++) {
    const row = dense.subarray(vertex * 24, vertex * 24 + 24);
    const total = row.reduce((a, b) => a + b, 0);
    if (total > 0) { for (let joint = 0; joint < 24; joint++) row[joint] /= total; }
  }
  return dense;
}

type Quaternion = [number, number, number, number]; // w x y z
type Vector = [number, number, number];

const multiply = (a: Quaternion, b: Quaternion): Quaternion => [
  a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
  a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
  a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
  a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
];
const conjugate = (q: Quaternion): Quaternion => [q[0], -q[1], -q[2], -q[3]];
const rotate = (q: Quaternion, v: Vector): Vector =>
  multiply(multiply(q, [0, ...v]), conjugate(q)).slice(1) as Vector;
const unit = <T extends number[]>(v: T): T => v.map((x) => x / Math.hypot(...v)) as T;
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

function between(from: Vector, to: Vector): Quaternion {
  const [a, b] = [unit(from), unit(to)];
  const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  return unit([1 + dot(a, b), ...cross] as Quaternion);
}

function axisAngle(axis: number, degrees: number): Quaternion {
  const half = degrees * Math.PI / 360;
  const q: Quaternion = [Math.cos(half), 0, 0, 0];
  q[1 + axis] = Math.sin(half);
  return q;
}

/**
 * Global rotation of each joint that takes the A-pose to SMPL's T-pose: arms straight out, palms
 * down, thighs 5° apart, shins 2° back in, feet turned out by 10° (SMPL's mean body). The collar
 * bones rise by a few degrees, as they do in a person who lifts the arms.
 */
function restRotations(mesh: BaseMesh, places: Float64Array): Quaternion[] {
  const at = (joint: number): Vector => [...places.subarray(joint * 3, joint * 3 + 3)] as Vector;
  const bone = (a: number, b: number): Vector => at(b).map((x, i) => x - at(a)[i]) as Vector;
  const cube = (name: string): Vector =>
    [0, 1, 2].map((axis) => mean(mesh.vertices, mesh.cubes.get(name)!, axis)) as Vector;
  const out: Quaternion[] = PARENTS.map(() => [1, 0, 0, 0]);
  for (const [side, letter, right] of [[1, "l", 0], [-1, "r", 1]] as const) {
    const lean = (joint: number, degrees: number): Vector => {
      const [, y, z] = bone(joint, joint + 3);
      return [side * Math.tan(degrees * Math.PI / 180) * -y, y, z];
    };
    out[1 + right] = between(bone(1 + right, 4 + right), lean(1 + right, 5));
    out[4 + right] = between(bone(4 + right, 7 + right), lean(4 + right, -2));
    out[7 + right] = out[10 + right] = axisAngle(1, side * 10);
    out[13 + right] = axisAngle(2, side * 8);
    const along: Vector = [side, 0, 0];
    out[16 + right] = between(bone(16 + right, 18 + right), along);
    out[18 + right] = between(bone(18 + right, 20 + right), along);
    const straight = between(bone(20 + right, 22 + right), along);
    // The row of knuckles, little finger to index, points forward when the palm faces the floor.
    const [index, little] = [2, 5].map((n) => cube(`joint-${letter}-finger-${n}-1`));
    const [, y, z] = rotate(straight, index.map((x, i) => x - little[i]) as Vector);
    const twist = Math.atan2(y, z) * 180 / Math.PI;
    out[20 + right] = out[22 + right] = multiply(axisAngle(0, twist), straight);
    out[18 + right] = multiply(axisAngle(0, twist / 2), out[18 + right]);
  }
  return out;
}

/** A re-posing: linear in vertices and joints together, so it carries displacements as well. */
export type Repose = (
  vertices: Float64Array,
  places: Float64Array,
) => { vertices: Float64Array; joints: Float64Array };

/**
 * The re-posing of this mesh by dual quaternion skinning (Kavan et al. 2007), which keeps the
 * volume of shoulders and wrists. Rotations are those of the mesh given here, for every input.
 */
export function makeRepose(mesh: BaseMesh, rest: Float64Array, weights: Float64Array): Repose {
  const turns = restRotations(mesh, rest);
  return (vertices, places) => {
    const moved = new Float64Array(72);
    const shifts: Vector[] = [];
    for (let joint = 0; joint < 24; joint++) {
      const own = [...places.subarray(joint * 3, joint * 3 + 3)] as Vector;
      const parent = PARENTS[joint];
      const base: Vector = parent < 0
        ? own
        : rotate(turns[parent], own.map((x, i) => x - places[parent * 3 + i]) as Vector).map((
          x,
          i,
        ) => x + moved[parent * 3 + i]) as Vector;
      moved.set(base, joint * 3);
      const turned = rotate(turns[joint], own);
      shifts.push(base.map((x, i) => x - turned[i]) as Vector);
    }
    const out = new Float64Array(vertices.length);
    for (let vertex = 0; vertex * 3 < vertices.length; vertex++) {
      const real: Quaternion = [0, 0, 0, 0];
      const dual: Quaternion = [0, 0, 0, 0];
      for (let joint = 0; joint < 24; joint++) {
        const weight = weights[vertex * 24 + joint];
        if (weight === 0) continue;
        const half = multiply([0, ...shifts[joint]], turns[joint]);
        for (let i = 0; i < 4; i++) {
          real[i] += weight * turns[joint][i];
          dual[i] += weight * half[i];
        }
      }
      const norm = Math.hypot(...real);
      if (norm === 0) continue;
      const turn = unit(real);
      const shift = multiply(dual.map((x) => x / norm) as Quaternion, conjugate(turn)).slice(1);
      const point = rotate(turn, [...vertices.subarray(vertex * 3, vertex * 3 + 3)] as Vector);
      for (let axis = 0; axis < 3; axis++) out[vertex * 3 + axis] = point[axis] + shift[axis];
    }
    return { vertices: out, joints: moved };
  };
}
