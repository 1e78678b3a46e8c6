/**
 * Weights in a quarter of their size, for shipping: matrices as 8-bit integers with a scale for each
 * row (output channel), the rest as they are. The error of a weight is at most 1/254 of the largest of
 * its row.
 * @module
 */
import { InputError } from "../errors.ts";
import type { TensorToStore } from "./safetensors_write.ts";

/** A packed matrix `name` has its scales beside it under this name. */
export const ROW_SCALE = ".row_scale";
/** Tensors with fewer values stay as they are: their scales would cost as much as they save. */
const SMALLEST = 1024;

/** Packs every float32 tensor of two or more dimensions that is large enough. */
export function packWeights(
  tensors: ReadonlyMap<string, TensorToStore>,
): Map<string, TensorToStore> {
  const packed = new Map<string, TensorToStore>();
  for (const [name, tensor] of tensors) {
    const { dtype, shape, bytes } = tensor;
    const values = bytes.length / 4;
    if (dtype !== "float32" || shape.length < 2 || values < SMALLEST) {
      packed.set(name, tensor);
      continue;
    }
    const source = new Float32Array(bytes.slice().buffer);
    // The first dimension above 1 holds the rows; position tables have a leading 1.
    const rows = shape.find((size) => size > 1) ?? 1;
    const { integers, scales } = packRows(source, rows);
    packed.set(name, { dtype: "int8", shape, bytes: new Uint8Array(integers.buffer) });
    packed.set(name + ROW_SCALE, {
      dtype: "float32",
      shape: [rows],
      bytes: new Uint8Array(scales.buffer),
    });
  }
  return packed;
}

function packRows(
  source: Float32Array,
  rows: number,
): { integers: Int8Array; scales: Float32Array } {
  const width = source.length / rows;
  const integers = new Int8Array(source.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = source.subarray(row * width, (row + 1) * width);
    let largest = 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    scales[row] = largest / 127;
    for (let i = 0; i < width; i++) {
      integers[row * width + i] = largest === 0 ? 0 : Math.round(values[i] / scales[row]);
    }
  }
  return { integers, scales };
}

/**
 * Undoes {@linkcode packWeights}; tensors that were not packed pass through. Throws
 * {@linkcode InputError} where scales do not fit their matrix.
 */
export function unpackWeights(
  tensors: ReadonlyMap<string, TensorToStore>,
): Map<string, TensorToStore> {
  const unpacked = new Map<string, TensorToStore>();
  for (const [name, tensor] of tensors) {
    if (name.endsWith(ROW_SCALE) && tensors.has(name.slice(0, -ROW_SCALE.length))) continue;
    const scales = tensors.get(name + ROW_SCALE);
    unpacked.set(name, scales ? unpackRows(name, tensor, scales) : tensor);
  }
  return unpacked;
}

function unpackRows(name: string, packed: TensorToStore, scales: TensorToStore): TensorToStore {
  const rows = scales.bytes.length / 4;
  if (packed.dtype !== "int8" || scales.dtype !== "float32" || packed.bytes.length % rows !== 0) {
    throw new InputError(
      `packed weight "${name}": ${rows} row scales (${scales.dtype}) do not fit ${packed.dtype} [${packed.shape}]`,
    );
  }
  const factors = new Float32Array(scales.bytes.slice().buffer);
  const { buffer, byteOffset, length } = packed.bytes;
  const integers = new Int8Array(buffer, byteOffset, length);
  const values = new Float32Array(length);
  const width = length / rows;
  for (let row = 0, i = 0; row < rows; row++) {
    const factor = factors[row];
    for (const end = i + width; i < end; i++) values[i] = integers[i] * factor;
  }
  return { dtype: "float32", shape: packed.shape, bytes: new Uint8Array(values.buffer) };
}
