/**
 * A tensor as a place in a file, and reading it from there.
 * @module
 */
import type { DType } from "../tensor/mod.ts";
import { readFailure } from "./failures.ts";
import { readExactly } from "./read_file.ts";
import type { StoredTensor } from "./safetensors.ts";
import { byteLength, storedDType } from "./safetensors_header.ts";

/** A tensor in a file. */
export interface TensorPlace {
  /** The file that holds it. */
  readonly file: string;
  /** Element type; little-endian. */
  readonly dtype: DType;
  /** Sizes; empty for a single number. */
  readonly shape: readonly number[];
  /** Elements between neighbours of each dimension; row-major without gaps where absent. */
  readonly strides?: readonly number[];
  /** Byte of the first element, from the start of the file. */
  readonly begin: number;
}

/** Reads a listed tensor, row-major whatever its strides are. */
export async function readTensor(place: TensorPlace): Promise<StoredTensor> {
  const { file: path, dtype, shape, strides, begin } = place;
  const { size } = storedDType(dtype);
  const extent = strides ? spanned(shape, strides) * size : byteLength(dtype, shape);
  try {
    using file = await Deno.open(path);
    const bytes = await readExactly(file, begin, extent);
    const whole = strides ? gather(bytes, { shape, strides, size }) : bytes;
    return { dtype, shape: [...shape], bytes: whole };
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Elements from the first to the last of a strided tensor, both included. */
export function spanned(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, length, i) => last + (length - 1) * strides[i], 1);
}

function gather(
  source: Uint8Array,
  { shape, strides, size }: {
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    readonly size: number;
  },
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(shape.reduce((n, length) => n * length, size));
  const index = shape.map(() => 0);
  for (let to = 0, from = 0; to < out.length; to += size) {
    for (let b = 0; b < size; b++) out[to + b] = source[from * size + b];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= index[d] * strides[d];
      index[d] = 0;
    }
  }
  return out;
}
