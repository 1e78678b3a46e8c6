/** Copies between tensors and JavaScript's memory, and tensors mapped from files. */

import { InputError } from "../errors.ts";
import {
  shareTensor,
  tensorAddress,
  tensorFromBytes,
  tensorIsContiguous,
  tensorItem,
  tensorToBytes,
} from "../native/mod.ts";
import { beginResults, nextTensor } from "./results.ts";
import { to } from "./convert.ts";
import { type DType, dtypeBytes, dtypeCode } from "./dtype.ts";
import { clone, rawFromFile, reshape, slice, viewDtype } from "./ops_gen.ts";
import { scope } from "./scope.ts";
import { handleOf, type Tensor } from "./tensor.ts";

/** Shape and element type of raw memory. */
export interface BytesOptions {
  /** Sizes; their product times the element's bytes is the length of the bytes. */
  readonly shape: readonly number[];
  /** Element type of the bytes, little-endian. */
  readonly dtype: DType;
}

/** A CPU tensor with a copy of `bytes`. */
export function fromBytes(bytes: Uint8Array, options: BytesOptions): Tensor {
  tensorFromBytes(bytes, dtypeCode(options.dtype), options.shape);
  beginResults();
  return nextTensor();
}

/** The elements' bytes in row-major order, from any device and layout. */
export function toBytes(x: Tensor): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(x.numel * dtypeBytes(x.dtype));
  tensorToBytes(handleOf(x), bytes);
  return bytes;
}

/** What {@link toArray} gives. */
export type TensorArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

/**
 * The elements in row-major order as the typed array of the dtype: bfloat16 and float16 come as
 * Float32Array, int64 as BigInt64Array, bool as Uint8Array of 0 and 1.
 */
export function toArray(x: Tensor): TensorArray {
  if (x.dtype === "bfloat16" || x.dtype === "float16") return toFloat32(x);
  const { buffer } = toBytes(x);
  switch (x.dtype) {
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

/** The elements in row-major order, converted to float32. */
export function toFloat32(x: Tensor): Float32Array<ArrayBuffer> {
  if (x.dtype === "float32") return new Float32Array(toBytes(x).buffer);
  using converted = to(x, { dtype: "float32" });
  return new Float32Array(toBytes(converted).buffer);
}

/** The elements in row-major order as numbers. */
export function toNumbers(x: Tensor): number[] {
  return Array.from(toArray(x) as ArrayLike<number | bigint>, Number);
}

/** The value of a tensor with one element. */
export function item(x: Tensor): number {
  return tensorItem(handleOf(x));
}

/** Whether the elements lie in row-major order without gaps. */
export function isContiguous(x: Tensor): boolean {
  return tensorIsContiguous(handleOf(x));
}

/** Whether two tensors begin at the same memory. */
export function sharesMemory(a: Tensor, b: Tensor): boolean {
  return tensorAddress(handleOf(a)) === tensorAddress(handleOf(b));
}

/** A second owner of the same tensor: it lives until both are disposed. */
export function share(x: Tensor): Tensor {
  shareTensor(handleOf(x));
  beginResults();
  return nextTensor();
}

/** Where in a file a tensor's elements lie. */
export interface FileOptions extends BytesOptions {
  /** Bytes before the first element. Default: 0. */
  readonly offset?: number;
}

/**
 * A CPU tensor over a memory-mapped file: pages are read when they are used, and writing to it does
 * not change the file. Elements that do not lie at a multiple of their size are copied.
 * @throws {InputError} when the file is shorter than the tensor
 */
export function tensorFromFile(path: string, options: FileOptions): Tensor {
  const { offset = 0, shape, dtype } = options;
  const width = dtypeBytes(dtype);
  const length = shape.reduce((product, size) => product * size, width);
  const { size } = Deno.statSync(path);
  if (offset + length > size) {
    throw new InputError(
      `"${path}" has ${size} bytes, expected ${
        offset + length
      } for [${shape}] ${dtype} at ${offset}`,
    );
  }
  return scope(() => {
    const file = rawFromFile(path, { shared: false, size, dtype: "uint8" });
    const part = slice(file, { start: offset, end: offset + length });
    const aligned = offset % width === 0 ? part : clone(part);
    const typed = dtype === "uint8" ? aligned : viewDtype(aligned, dtype);
    return reshape(typed, shape);
  });
}
