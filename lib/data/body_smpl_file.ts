/**
 * The body files of SMPL and its kin, `.npz` and `.pkl`: SMPL (24 joints), SMPL-H (52), SMPL-X (55),
 * FLAME (5).
 * @module
 */

import { InputError, naming } from "../errors.ts";
import { type BodyMesh, smplBody } from "../geometry/mod.ts";
import { npyToFloat32, readNpz } from "../io/mod.ts";
import { chumpyGlobals, denseFloats, readPickle, scipyGlobals } from "../io/pickle/mod.ts";
import { type ModelArrays, modelOf, toSmplJoints } from "./body_smpl_joints.ts";

/** Shape directions that are used at most; files of 300 have the rest for fine detail. */
const MAX_SHAPES = 16;

/** Numbers of one array of the file. */
interface Floats {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Fields = (name: string) => Floats | undefined;

async function readFields(path: string): Promise<Fields> {
  if (/\.npz$/i.test(path)) {
    const arrays = await readNpz(path);
    return (name) => {
      const array = arrays.get(name);
      return array && { shape: array.shape, data: npyToFloat32(array) };
    };
  }
  const file = await readPickle(path, { globals: { ...scipyGlobals, ...chumpyGlobals } });
  return (name) =>
    naming(
      `cannot read "${path}": ${name}`,
      () => file instanceof Map ? denseFloats(file.get(name)) : undefined,
    );
}

/** An array that must be there; a size of −1 fits anything. */
function need(path: string, fields: Fields, [name, ...shape]: [string, ...number[]]): Floats {
  const found = fields(name);
  const wanted = shape.map((size) => size < 0 ? "N" : size).join(",");
  if (found === undefined) {
    throw new InputError(
      `cannot read "${path}" as a body: it has no array ${name}, expected [${wanted}]; SMPL's files ` +
        `hold v_template, shapedirs, posedirs, J_regressor, weights, kintree_table and f`,
    );
  }
  const fits = found.shape.length === shape.length &&
    shape.every((size, i) => size < 0 || size === found.shape[i]);
  if (!fits) {
    throw new InputError(
      `cannot read "${path}": ${name} is [${found.shape}], expected [${wanted}]`,
    );
  }
  const bad = found.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(
      `cannot read "${path}": ${name} has ${found.data[bad]}, expected numbers`,
    );
  }
  return found;
}

/** The first shape directions [V,3,S] as [V,3,count]. */
function firstShapes({ shape, data }: Floats): Float32Array {
  const [vertices, , all] = shape;
  const count = Math.min(all, MAX_SHAPES);
  const out = new Float32Array(vertices * 3 * count);
  for (let row = 0; row < vertices * 3; row++) {
    out.set(data.subarray(row * all, row * all + count), row * count);
  }
  return out;
}

async function readArrays(path: string): Promise<ModelArrays> {
  const fields = await readFields(path);
  const template = need(path, fields, ["v_template", -1, 3]);
  const vertices = template.shape[0];
  const tree = need(path, fields, ["kintree_table", 2, -1]);
  const joints = tree.shape[1];
  const faces = need(path, fields, ["f", -1, 3]).data;
  const largest = faces.reduce((most, corner) => Math.max(most, corner), 0);
  if (vertices === 0 || largest >= vertices) {
    throw new InputError(
      `cannot read "${path}": f names vertex ${largest}, but v_template has ${vertices}`,
    );
  }
  return {
    v_template: template.data,
    shapedirs: firstShapes(need(path, fields, ["shapedirs", vertices, 3, -1])),
    posedirs: fields("posedirs") &&
      need(path, fields, ["posedirs", vertices, 3, 9 * (joints - 1)]).data,
    J_regressor: need(path, fields, ["J_regressor", joints, vertices]).data,
    weights: need(path, fields, ["weights", vertices, joints]).data,
    parents: tree.data.subarray(0, joints),
    f: faces,
  };
}

/**
 * Reads a body file of SMPL's kind. Poses are SMPL's 24 joints for all of them: joints that SMPL does
 * not have (fingers, jaw, eyes) stay at rest, SMPL's hands move none of SMPL-H's and SMPL-X's skin,
 * and of FLAME only neck and head move. At most 16 shape directions are kept.
 *
 * `spotSource` is the body whose spots models know by index. Throws InputError for a missing, broken
 * or foreign file; nothing in a pickle is run.
 */
export async function readSmplBody(path: string, spotSource?: BodyMesh): Promise<BodyMesh> {
  const arrays = await readArrays(path);
  const model = modelOf(arrays.parents.length);
  if (model === undefined) {
    throw new InputError(
      `cannot read "${path}": its body has ${arrays.parents.length} joints, expected 24 (SMPL), ` +
        `52 (SMPL-H), 55 (SMPL-X) or 5 (FLAME)`,
    );
  }
  const { takesSmplBetas } = model;
  const smpl = naming(`cannot read "${path}"`, () => toSmplJoints(arrays, model));
  return smplBody(smpl, { takesSmplBetas, spotSource });
}
