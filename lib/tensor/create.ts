/** New tensors: from numbers, constant, ranges, random. */

import { InputError } from "../errors.ts";
import { type Device, type DType, dtypeBytes } from "./dtype.ts";
import { fromBytes } from "./host.ts";
import {
  rawArange,
  rawEmpty,
  rawEye,
  rawFull,
  rawLinspace,
  rawOnes,
  rawRand,
  rawRandint,
  rawRandn,
  rawRandperm,
  rawZeros,
} from "./ops_gen.ts";
import type { Generator } from "./random.ts";
import { to } from "./convert.ts";
import type { Tensor } from "./tensor.ts";

/** Type and place of a new tensor. */
export interface CreateOptions {
  /** Default: "float32". */
  readonly dtype?: DType;
  /** Default: "cpu". */
  readonly device?: Device;
}

/** As {@link CreateOptions}, for random tensors. */
export interface RandomOptions extends CreateOptions {
  /** Where the numbers come from. Default: libtorch's own, see `manualSeed`. */
  readonly generator?: Generator;
}

/** Numbers, nested to the depth of the tensor's dimensions. */
export type Nested = number | boolean | readonly Nested[];

/** Typed arrays that a tensor can be made from. */
export type HostArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Int32Array
  | BigInt64Array;

function filled(options: CreateOptions): { dtype: DType; device?: Device } {
  return { dtype: options.dtype ?? "float32", device: options.device };
}

/** Zeros. */
export function zeros(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return rawZeros(shape, filled(options));
}

/** Ones. */
export function ones(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return rawOnes(shape, filled(options));
}

/** One value everywhere. */
export function full(
  shape: readonly number[],
  value: number,
  options: CreateOptions = {},
): Tensor {
  return rawFull(shape, value, filled(options));
}

/** Memory with whatever it holds. */
export function empty(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return rawEmpty(shape, filled(options));
}

/** 0 … n − 1, or start … end − 1, in steps; int64 unless `dtype` says otherwise. */
export function arange(
  start: number,
  end?: number | (CreateOptions & { readonly step?: number }),
  options: CreateOptions & { readonly step?: number } = {},
): Tensor {
  if (typeof end === "object") return arange(0, start, end);
  return end === undefined ? rawArange(0, start, options) : rawArange(start, end, options);
}

/** `steps` values from `start` to `end`, both included. */
export function linspace(
  start: number,
  end: number,
  steps: number,
  options: CreateOptions = {},
): Tensor {
  return rawLinspace(start, end, steps, filled(options));
}

/** The identity matrix [n,n], or [n,m]. */
export function eye(
  n: number,
  options: CreateOptions & { readonly columns?: number } = {},
): Tensor {
  return rawEye(n, options.columns ?? n, filled(options));
}

/** Normal numbers of mean 0 and deviation 1. */
export function randn(shape: readonly number[], options: RandomOptions = {}): Tensor {
  return rawRandn(shape, { ...filled(options), generator: options.generator });
}

/** Uniform numbers in 0 … 1, 1 excluded. */
export function rand(shape: readonly number[], options: RandomOptions = {}): Tensor {
  return rawRand(shape, { ...filled(options), generator: options.generator });
}

/** Whole numbers in low … high − 1, int64 unless `dtype` says otherwise. */
export function randint(
  low: number,
  high: number,
  shape: readonly number[],
  options: RandomOptions = {},
): Tensor {
  return rawRandint(low, high, shape, { ...options, dtype: options.dtype ?? "int64" });
}

/** 0 … n − 1 in random order, int64. */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  return rawRandperm(n, { ...options, dtype: options.dtype ?? "int64" });
}

/** Options of {@link tensor}. */
export interface TensorOptions extends CreateOptions {
  /** Default: the nesting's, or one dimension. */
  readonly shape?: readonly number[];
}

/**
 * A tensor from nested numbers or a typed array. Its dtype is float32 unless said otherwise, whatever
 * the typed array's type is.
 */
export function tensor(data: Nested | HostArray, options: TensorOptions = {}): Tensor {
  const { dtype = "float32", device = "cpu" } = options;
  const flat = ArrayBuffer.isView(data) ? data : flatten(data);
  const shape = options.shape ?? (ArrayBuffer.isView(data) ? [flat.length] : shapeOf(data));
  const [array, arrayType] = hostArray(flat, dtype);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const made = fromBytes(bytes, { shape, dtype: arrayType });
  if (arrayType === dtype && device === "cpu") return made;
  const converted = to(made, { dtype, device });
  made.dispose();
  return converted;
}

function shapeOf(data: Nested): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

function flatten(data: Nested): number[] {
  const shape = shapeOf(data);
  const flat: number[] = [];
  const walk = (level: Nested, depth: number) => {
    if (!Array.isArray(level)) {
      if (depth !== shape.length) throw raggedError(shape);
      flat.push(Number(level));
      return;
    }
    if (level.length !== shape[depth]) throw raggedError(shape);
    for (const item of level) walk(item, depth + 1);
  };
  walk(data, 0);
  return flat;
}

function raggedError(shape: readonly number[]): InputError {
  return new InputError(`nested numbers are ragged, expected all of shape [${shape}]`);
}

// A typed array that libtorch can copy, of the wanted dtype where JavaScript has it.
function hostArray(flat: number[] | HostArray, dtype: DType): [HostArray, DType] {
  if (flat instanceof BigInt64Array) return [flat, "int64"];
  const numbers: ArrayLike<number> = flat;
  switch (dtype) {
    case "float32":
      return [flat instanceof Float32Array ? flat : Float32Array.from(numbers), dtype];
    case "int8":
      return [flat instanceof Int8Array ? flat : Int8Array.from(numbers), dtype];
    case "uint8":
      return [flat instanceof Uint8Array ? flat : Uint8Array.from(numbers), dtype];
    case "int16":
      return [flat instanceof Int16Array ? flat : Int16Array.from(numbers), dtype];
    case "int32":
      return [flat instanceof Int32Array ? flat : Int32Array.from(numbers), dtype];
    case "bool":
      return [Uint8Array.from(numbers, (value) => value ? 1 : 0), dtype];
    case "int64":
      return [BigInt64Array.from(Array.from(numbers, (value) => BigInt(value))), dtype];
    case "float16":
    case "bfloat16":
      return [flat instanceof Float32Array ? flat : Float32Array.from(numbers), "float32"];
    default:
      return [flat instanceof Float64Array ? flat : Float64Array.from(numbers), "float64"];
  }
}

/** Bytes that a tensor of this shape and dtype takes. */
export function byteLength(shape: readonly number[], dtype: DType): number {
  return shape.reduce((product, size) => product * size, dtypeBytes(dtype));
}
