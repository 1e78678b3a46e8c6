/**
 * Bodies with other joints than SMPL's 24, driven by SMPL's poses.
 *
 * A joint at rest turns with its parent, so its skin can as well hang on the nearest ancestor that
 * SMPL has too: the result is the same body function, not an approximation.
 * @module
 */

import { InputError } from "../errors.ts";
import {
  JOINT_COUNT,
  JOINT_NAMES,
  JOINT_PARENTS,
  NOMINAL_JOINTS,
  type SmplArrays,
} from "../geometry/mod.ts";

/** The arrays of a file with J joints, in SMPL's layout. */
export type ModelArrays = Omit<SmplArrays, "jointOffsets">;

/** A body model of SMPL's kind. */
export interface BodyModel {
  /** For each of SMPL's joints the model's that moves like it, or −1. */
  readonly moves: readonly number[];
  /** For each of SMPL's joints the model's that lies there, or −1: hands lie where fingers begin. */
  readonly places: readonly number[];
  /** Whether its shapes are SMPL's. */
  readonly takesSmplBetas: boolean;
}

const HANDS = [JOINT_NAMES.indexOf("left_hand"), JOINT_NAMES.indexOf("right_hand")];
const body = JOINT_NAMES.map((_, joint) => HANDS.includes(joint) ? -1 : joint);

/** SMPL's first 22 joints, and the roots of the middle fingers for its hands. */
function withFingers(left: number, right: number, takesSmplBetas: boolean): BodyModel {
  const places = body.slice();
  places[HANDS[0]] = left;
  places[HANDS[1]] = right;
  return { moves: body, places, takesSmplBetas };
}

/** FLAME's root and neck are SMPL's neck and head; everything else is not there. */
const flame = JOINT_NAMES.map((name) => name === "neck" ? 0 : name === "head" ? 1 : -1);
const all = JOINT_NAMES.map((_, joint) => joint);

const models: ReadonlyMap<number, BodyModel> = new Map([
  [24, { moves: all, places: all, takesSmplBetas: true }],
  [52, withFingers(25, 40, true)],
  [55, withFingers(28, 43, false)],
  [5, { moves: flame, places: flame, takesSmplBetas: false }],
]);

/** The model with this many joints; undefined for none that is known. */
export function modelOf(joints: number): BodyModel | undefined {
  return models.get(joints);
}

/** For each joint of the model SMPL's joint that moves its skin. */
function movedBy(parents: ArrayLike<number>, { moves }: BodyModel): number[] {
  const out: number[] = [];
  for (let joint = 0; joint < parents.length; joint++) {
    const own = moves.indexOf(joint);
    const parent = parents[joint];
    const inherited = parent >= 0 && parent < joint ? out[parent] : -1;
    if (own < 0 && inherited < 0) {
      throw new InputError(`joint ${joint} of the body's kintree_table has the parent ${parent}`);
    }
    out.push(own >= 0 ? own : inherited);
  }
  return out;
}

/** Columns of a row-major matrix added up into `width` columns. */
function gather(matrix: ArrayLike<number>, into: readonly number[], width: number): Float32Array {
  const rows = matrix.length / into.length;
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    into.forEach((to, column) => {
      if (to >= 0) out[row * width + to] += matrix[row * into.length + column];
    });
  }
  return out;
}

/** Regressor rows of the places; zeros where the model has no such joint. */
function placeRows(regressor: ArrayLike<number>, vertices: number, { places }: BodyModel) {
  const out = new Float32Array(JOINT_COUNT * vertices);
  places.forEach((from, joint) => {
    if (from < 0) return;
    for (let v = 0; v < vertices; v++) out[joint * vertices + v] = regressor[from * vertices + v];
  });
  return out;
}

/** A body of any of these models as one of SMPL's 24 joints. */
export function toSmplJoints(arrays: ModelArrays, model: BodyModel): SmplArrays {
  if (model.moves === all) return arrays;
  const vertices = arrays.v_template.length / 3;
  const owners = movedBy(arrays.parents, model);
  // Pose directions are per joint but the root; a joint at rest adds nothing.
  const features = Array.from(owners.slice(1), (_, i) => model.moves.indexOf(i + 1) - 1)
    .flatMap((joint) =>
      Array.from({ length: 9 }, (_, entry) => joint < 0 ? -1 : joint * 9 + entry)
    );
  const regressor = placeRows(arrays.J_regressor, vertices, model);
  const whole = model.places.every((place) => place >= 0);
  return {
    v_template: whole ? arrays.v_template : ontoNominalHead(arrays.v_template, regressor),
    shapedirs: arrays.shapedirs,
    posedirs: arrays.posedirs && gather(arrays.posedirs, features, 9 * (JOINT_COUNT - 1)),
    J_regressor: regressor,
    weights: gather(arrays.weights, owners, JOINT_COUNT),
    parents: JOINT_PARENTS,
    f: arrays.f,
    jointOffsets: whole
      ? undefined
      : NOMINAL_JOINTS.map((place, i) => model.places[Math.floor(i / 3)] < 0 ? place : 0),
  };
}

/** A head alone is put where a common adult has it, so that the rest of the skeleton carries it. */
function ontoNominalHead(template: ArrayLike<number>, regressor: Float32Array): Float32Array {
  const head = JOINT_NAMES.indexOf("head");
  const vertices = template.length / 3;
  const shift = [0, 1, 2].map((axis) => {
    let place = 0;
    for (let v = 0; v < vertices; v++) {
      place += regressor[head * vertices + v] * template[v * 3 + axis];
    }
    return NOMINAL_JOINTS[head * 3 + axis] - place;
  });
  return Float32Array.from(template, (value, i) => value + shift[i % 3]);
}
