/**
 * A body from the arrays of a licensed SMPL file: the same code as for our own, other numbers.
 * @module
 */

import { InputError } from "../errors.ts";
import { type BodyMesh, makeBody } from "./body.ts";
import type { SkinModel } from "./body_skinning.ts";
import { JOINT_COUNT } from "./skeleton.ts";

/** The arrays of an SMPL file, under SMPL's names and in its layout; 24 joints. */
export interface SmplArrays {
  /** [V,3] */
  v_template: ArrayLike<number>;
  /** [V,3,S] */
  shapedirs: ArrayLike<number>;
  /** [V,3,207]; may be left out */
  posedirs?: ArrayLike<number>;
  /** [24,V] dense */
  J_regressor: ArrayLike<number>;
  /** [V,24] dense */
  weights: ArrayLike<number>;
  /** [24] parents; a value outside 0 … 23 marks the root */
  parents: ArrayLike<number>;
  /** [F,3] */
  f: ArrayLike<number>;
  /** [24,3] added to what the regressor gives: places of joints that the surface does not tell. */
  jointOffsets?: ArrayLike<number>;
}

/** What a body of SMPL's kind is beside its arrays. */
export interface SmplBodyOptions {
  /** Whether SMPL's own betas mean something for its shapes; default they do. */
  takesSmplBetas?: boolean;
  /** The body whose spots models know by index; default the body itself. */
  spotSource?: BodyMesh;
}

/** `count` columns of a row-major [rows, columns] matrix, each as its own array. */
function columns(matrix: ArrayLike<number>, count: number): Float32Array[] {
  const rows = matrix.length / count;
  return Array.from({ length: count }, (_, column) => {
    const out = new Float32Array(rows);
    for (let row = 0; row < rows; row++) out[row] = matrix[row * count + column];
    return out;
  });
}

/** Joint places [J·3] by a regressor [J,V] over vertices [V·3]; linear, so also for directions. */
function regress(regressor: ArrayLike<number>, vertices: ArrayLike<number>): Float64Array {
  const count = vertices.length / 3;
  const out = new Float64Array(regressor.length / count * 3);
  for (let joint = 0; joint * 3 < out.length; joint++) {
    for (let v = 0; v < count; v++) {
      const by = regressor[joint * count + v];
      if (by === 0) continue;
      for (let axis = 0; axis < 3; axis++) out[joint * 3 + axis] += by * vertices[v * 3 + axis];
    }
  }
  return out;
}

/** Keeps of each dense row of weights what is not zero, in rows of one common length. */
function sparseWeights(dense: ArrayLike<number>, joints: number) {
  const rows = Array.from({ length: dense.length / joints }, (_, vertex) => {
    const row: { joint: number; weight: number }[] = [];
    for (let joint = 0; joint < joints; joint++) {
      const weight = dense[vertex * joints + joint];
      if (weight !== 0) row.push({ joint, weight });
    }
    return row;
  });
  const width = rows.reduce((most, row) => Math.max(most, row.length), 1);
  const skinJoints = new Uint8Array(rows.length * width);
  const skinWeights = new Float32Array(rows.length * width);
  rows.forEach((row, vertex) =>
    row.forEach(({ joint, weight }, k) => {
      skinJoints[vertex * width + k] = joint;
      skinWeights[vertex * width + k] = weight;
    })
  );
  return { skinJoints, skinWeights };
}

/**
 * A body from the arrays of an SMPL file, with SMPL's own origin at chest height. Throws InputError
 * when their sizes contradict.
 */
export function smplBody(
  arrays: SmplArrays,
  { takesSmplBetas = true, spotSource }: SmplBodyOptions = {},
): BodyMesh {
  const vertices = arrays.v_template.length / 3;
  const joints = arrays.parents.length;
  const shapes = arrays.shapedirs.length / (vertices * 3);
  const features = (arrays.posedirs?.length ?? 0) / (vertices * 3);
  const expected: [string, number, number][] = [
    ["weights", arrays.weights.length, vertices * joints],
    ["J_regressor", arrays.J_regressor.length, vertices * joints],
    ["shapedirs", arrays.shapedirs.length, Math.round(shapes) * vertices * 3],
    ["posedirs", features, features === 0 ? 0 : 9 * (joints - 1)],
    ["parents", joints, JOINT_COUNT],
  ];
  for (const [name, found, wanted] of expected) {
    if (found !== wanted) {
      throw new InputError(
        `SMPL array ${name} does not fit ${vertices} vertices and ${joints} joints: ${found}, expected ${wanted}`,
      );
    }
  }
  const shapeVertices = columns(arrays.shapedirs, shapes);
  const model: SkinModel = {
    template: Float32Array.from(arrays.v_template),
    shapeVertices,
    joints: regress(arrays.J_regressor, arrays.v_template)
      .map((place, i) => place + (arrays.jointOffsets?.[i] ?? 0)),
    shapeJoints: shapeVertices.map((direction) => regress(arrays.J_regressor, direction)),
    poseVertices: arrays.posedirs === undefined ? [] : columns(arrays.posedirs, features),
    parents: Int32Array.from(arrays.parents, (p) => p >= 0 && p < joints ? p : -1),
    ...sparseWeights(arrays.weights, joints),
  };
  const faceCount = arrays.f.length / 3;
  return makeBody(model, {
    faces: Uint32Array.from(arrays.f),
    faceShells: new Uint8Array(faceCount),
    faceParts: new Uint8Array(faceCount),
    shellNames: ["body"],
    partNames: ["body"],
    shapeNames: shapeVertices.map((_, i) => `beta${i}`),
    takesSmplBetas,
    spotSource,
  });
}
