/**
 * The body: a skinned mesh with SMPL's parameters, loaded from our own asset or built from the
 * arrays of a licensed SMPL file.
 * @module
 */

import { InputError } from "../errors.ts";
import {
  applyShape,
  poseSkeleton,
  type ShapedBody,
  skin,
  type SkinModel,
} from "./body_skinning.ts";
import { type BodyState, readBodyState } from "./body_state.ts";

/** What a body takes in one frame. */
export interface PoseInput {
  /** [72] axis-angle of the 24 joints, radians; the root's first. */
  pose: ArrayLike<number>;
  /** Metres, added after posing; default none. */
  translation?: ArrayLike<number>;
  /** Up to S coefficients, one unit about one standard deviation; default the mean shape. */
  shape?: ArrayLike<number>;
}

/** A posed body. */
export interface PosedBody {
  /** [V·3] metres. */
  vertices: Float32Array;
  /** [24·3] metres. */
  joints: Float32Array;
}

/** A body model: faces with labels, a rest shape, and the function that poses it. */
export interface BodyMesh {
  /** V */
  readonly vertexCount: number;
  /** [F·3] corners, counter-clockwise seen from outside. */
  readonly faces: Uint32Array;
  /** [F] shell of each face, an index into `shellNames`. */
  readonly faceShells: Uint8Array;
  /** [F] part of each face, an index into `partNames`. */
  readonly faceParts: Uint8Array;
  /** [·3] corners of the faces of the shell `body` alone. */
  readonly bodyFaces: Uint32Array;
  /** Surfaces that can be drawn apart, `body` the first. */
  readonly shellNames: readonly string[];
  /** Body parts. */
  readonly partNames: readonly string[];
  /** Meaning of each shape coefficient. */
  readonly shapeNames: readonly string[];
  /** [V·3] rest pose (T-pose) of the mean shape: the coordinates for procedural patterns. */
  readonly template: Float32Array;
  /** [24·3] rest joints of the mean shape. */
  readonly restJoints: Float32Array;
  /** [24] parent of each joint, −1 for the root. */
  readonly parents: Int32Array;
  /** Whether SMPL's own betas mean something for this body. */
  readonly takesSmplBetas: boolean;
  /** Vertices and joints of a pose. Throws InputError when the pose has not 72 numbers. */
  pose(input: PoseInput): PosedBody;
  /** Joints alone, [24·3]: what `pose` gives, without the vertices' cost. */
  poseJoints(input: PoseInput): Float32Array;
}

/** Labels that a model file may lack. */
interface Surface {
  faces: Uint32Array;
  faceShells: Uint8Array;
  faceParts: Uint8Array;
  shellNames: readonly string[];
  partNames: readonly string[];
  shapeNames: readonly string[];
  takesSmplBetas: boolean;
}

const NO_SHIFT = [0, 0, 0];
const NO_SHAPE: number[] = [];

/** Joins numbers and labels to a body. */
export function makeBody(model: SkinModel, surface: Surface): BodyMesh {
  let last: { shape: number[]; shaped: ShapedBody } | undefined;
  const shapedBody = (shape: ArrayLike<number>): ShapedBody => {
    // One person has one shape over a clip: the last one is kept.
    const same = last !== undefined && last.shape.length === shape.length &&
      last.shape.every((value, i) => value === shape[i]);
    if (!same) last = { shape: Array.from(shape), shaped: applyShape(model, shape) };
    return last!.shaped;
  };
  const prepare = ({ pose, translation = NO_SHIFT, shape = NO_SHAPE }: PoseInput) => {
    if (pose.length !== model.parents.length * 3) {
      throw new InputError(
        `a pose has ${pose.length} numbers, expected ${model.parents.length * 3} (axis-angle)`,
      );
    }
    const shaped = shapedBody(shape);
    const skeleton = poseSkeleton(model.parents, shaped.joints, pose, translation);
    return { shaped, skeleton };
  };
  return {
    ...surface,
    bodyFaces: surface.faces.filter((_, i) => surface.faceShells[Math.floor(i / 3)] === 0),
    vertexCount: model.template.length / 3,
    template: model.template,
    restJoints: Float32Array.from(model.joints),
    parents: model.parents,
    pose(input) {
      const { shaped, skeleton } = prepare(input);
      const vertices = skin(model, shaped, skeleton);
      return { vertices, joints: Float32Array.from(skeleton.positions) };
    },
    poseJoints(input) {
      return Float32Array.from(prepare(input).skeleton.positions);
    },
  };
}

/**
 * The body of `weights/body.safetensors`, given as what the safetensors reader returns. Throws
 * InputError when a tensor is missing or does not fit.
 *
 * It stands on y = 0 with the pelvis over the origin, faces +Z, left is +X.
 */
export function loadBody(state: BodyState): BodyMesh {
  const { model, surface } = readBodyState(state);
  return makeBody(model, { ...surface, takesSmplBetas: false });
}

/** The arrays of an SMPL file, under SMPL's names and in its layout. */
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

/** A body from the arrays of an SMPL file. Throws InputError when their sizes contradict. */
export function smplBody(arrays: SmplArrays): BodyMesh {
  const vertices = arrays.v_template.length / 3;
  const joints = arrays.parents.length;
  const shapes = arrays.shapedirs.length / (vertices * 3);
  const features = (arrays.posedirs?.length ?? 0) / (vertices * 3);
  const expected: [string, number, number][] = [
    ["weights", arrays.weights.length, vertices * joints],
    ["J_regressor", arrays.J_regressor.length, vertices * joints],
    ["shapedirs", arrays.shapedirs.length, Math.round(shapes) * vertices * 3],
    ["posedirs", features, features === 0 ? 0 : 9 * (joints - 1)],
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
    joints: regress(arrays.J_regressor, arrays.v_template),
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
    takesSmplBetas: true,
  });
}
