/**
 * Reads the tensors of `weights/body.safetensors` into the body's typed arrays.
 * @module
 */

import { InputError } from "../errors.ts";
import type { SkinModel } from "./body_skinning.ts";

/** One stored tensor: little-endian bytes. */
export interface BodyTensor {
  /** Element type, as the safetensors reader names it. */
  dtype: string;
  /** Sizes, outermost first. */
  shape: readonly number[];
  /** Its elements. */
  bytes: Uint8Array;
}

/** What the safetensors reader returns for the body asset. */
export interface BodyState {
  /** Tensors by name. */
  tensors: ReadonlyMap<string, BodyTensor>;
  /** The file's metadata: names of shells, parts and shapes as JSON lists. */
  metadata: Readonly<Record<string, string>>;
}

type Reader = (view: DataView, offset: number) => number;

const READERS: Record<string, [size: number, read: Reader]> = {
  float32: [4, (view, offset) => view.getFloat32(offset, true)],
  float16: [2, (view, offset) => view.getFloat16(offset, true)],
  int32: [4, (view, offset) => view.getInt32(offset, true)],
  int16: [2, (view, offset) => view.getInt16(offset, true)],
  uint8: [1, (view, offset) => view.getUint8(offset)],
};

/** The numbers of one tensor; a size of −1 in `shape` fits anything. */
function numbers(state: BodyState, name: string, shape: number[]): Float64Array {
  const tensor = state.tensors.get(name);
  if (tensor === undefined) {
    throw new InputError(`the body file has no tensor "${name}"; \`deno task assets\` makes one`);
  }
  const reader = READERS[tensor.dtype];
  const fits = tensor.shape.length === shape.length &&
    shape.every((size, i) => size === -1 || size === tensor.shape[i]);
  if (reader === undefined || !fits) {
    throw new InputError(
      `body tensor "${name}" is ${tensor.dtype} [${tensor.shape}], expected [${shape}]`,
    );
  }
  const [size, read] = reader;
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  return Float64Array.from(
    { length: tensor.bytes.byteLength / size },
    (_, i) => read(view, i * size),
  );
}

/** What a text of JSON holds; undefined for none and for text that is no JSON. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function names(state: BodyState, key: string): string[] {
  const list = parsed(state.metadata[key]);
  if (!Array.isArray(list) || !list.every((name) => typeof name === "string")) {
    throw new InputError(`the body file's metadata has no list "${key}"`);
  }
  return list;
}

/** Numbers and labels of the asset. Throws InputError when something is missing or does not fit. */
export function readBodyState(state: BodyState) {
  const shapeNames = names(state, "shapes");
  const shapes = shapeNames.length;
  const template = numbers(state, "template", [-1, 3]);
  const count = template.length / 3;
  const faces = Uint32Array.from(numbers(state, "faces", [-1, 3]));
  const faceCount = faces.length / 3;
  const shapeVertices = numbers(state, "shape_vertices", [shapes, count, 3]);
  const shapeJoints = numbers(state, "shape_joints", [shapes, 24, 3]);
  const model: SkinModel = {
    template: Float32Array.from(template),
    shapeVertices: shapeNames.map((_, s) =>
      Float32Array.from(shapeVertices.subarray(s * count * 3, (s + 1) * count * 3))
    ),
    joints: numbers(state, "joints", [24, 3]),
    shapeJoints: shapeNames.map((_, s) => shapeJoints.slice(s * 72, (s + 1) * 72)),
    poseVertices: [],
    parents: Int32Array.from(numbers(state, "parents", [24])),
    skinJoints: Uint8Array.from(numbers(state, "skin_joints", [count, 4])),
    skinWeights: Float32Array.from(
      numbers(state, "skin_weights", [count, 4]),
      (byte) => byte / 255,
    ),
  };
  const largest = faces.reduce((most, corner) => Math.max(most, corner), 0);
  if (largest >= count) {
    throw new InputError(`the body file's faces name vertex ${largest}, but it has ${count}`);
  }
  const surface = {
    faces,
    faceShells: Uint8Array.from(numbers(state, "face_shells", [faceCount])),
    faceParts: Uint8Array.from(numbers(state, "face_parts", [faceCount])),
    shellNames: names(state, "shells"),
    partNames: names(state, "parts"),
    shapeNames,
  };
  return { model, surface };
}
