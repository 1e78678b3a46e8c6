/**
 * NumPy's `.npy` (format 1.0 to 3.0): numeric and bool arrays, either byte order, C or Fortran order.
 * @module
 */
import { InputError } from "../errors.ts";

/** Data of an array; float16 comes as Float32Array, bool as Uint8Array. */
export type NpyData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

/** Name of an array's element type in the file. */
export type NpyDType =
  | "float16"
  | "float32"
  | "float64"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool";

/** An array in row-major order. */
export interface NpyArray {
  /** Element type in the file. */
  readonly dtype: NpyDType;
  /** Sizes; empty for a single number. */
  readonly shape: number[];
  /** Elements, the last dimension fastest. */
  readonly data: NpyData;
}

interface Kind {
  readonly dtype: NpyDType;
  readonly size: number;
  read(buffer: ArrayBuffer): NpyData;
}

const kinds: Readonly<Record<string, Kind>> = {
  f2: { dtype: "float16", size: 2, read: (b) => Float32Array.from(new Float16Array(b)) },
  f4: { dtype: "float32", size: 4, read: (b) => new Float32Array(b) },
  f8: { dtype: "float64", size: 8, read: (b) => new Float64Array(b) },
  i1: { dtype: "int8", size: 1, read: (b) => new Int8Array(b) },
  u1: { dtype: "uint8", size: 1, read: (b) => new Uint8Array(b) },
  i2: { dtype: "int16", size: 2, read: (b) => new Int16Array(b) },
  u2: { dtype: "uint16", size: 2, read: (b) => new Uint16Array(b) },
  i4: { dtype: "int32", size: 4, read: (b) => new Int32Array(b) },
  u4: { dtype: "uint32", size: 4, read: (b) => new Uint32Array(b) },
  i8: { dtype: "int64", size: 8, read: (b) => new BigInt64Array(b) },
  u8: { dtype: "uint64", size: 8, read: (b) => new BigUint64Array(b) },
  b1: { dtype: "bool", size: 1, read: (b) => new Uint8Array(b) },
};

/** Raised inside for element types that no motion or camera file needs: text, objects, records. */
export class UnsupportedDType extends InputError {}

/**
 * Decodes one array. `label` names it in errors. Throws {@linkcode InputError} for anything but a
 * whole numeric `.npy`.
 */
export function decodeNpy(bytes: Uint8Array, { label = "npy" }: { label?: string } = {}): NpyArray {
  const { descr, fortran, shape, start } = parseNpyHeader(bytes, label);
  return decodeElements(bytes.subarray(start), { descr, fortran, shape, label });
}

/** How the elements of an array lie in memory or in a file. */
export interface ElementLayout {
  /** NumPy's type string, for example `<f8`. */
  readonly descr: string;
  /** Whether the first dimension is the fastest. */
  readonly fortran: boolean;
  /** Sizes. */
  readonly shape: number[];
  /** Names the array in errors. */
  readonly label: string;
}

/** Bytes of one element of a NumPy type; undefined for a type that is not read. */
export function elementSize(descr: string): number | undefined {
  return "<>|=".includes(descr[0]) ? kinds[descr.slice(1)]?.size : undefined;
}

/** An array from the bytes of its elements alone. Errors as {@linkcode decodeNpy}. */
export function decodeElements(
  bytes: Uint8Array,
  { descr, fortran, shape, label }: ElementLayout,
): NpyArray {
  const size = elementSize(descr);
  if (size === undefined) {
    throw new UnsupportedDType(
      `cannot read ${label}: dtype ${descr}, expected numbers or bool; objects and text are not read`,
    );
  }
  const length = shape.reduce((n, d) => n * d, 1) * size;
  if (bytes.length !== length) {
    throw new InputError(
      `cannot read ${label}: ${descr} [${shape}] takes ${length} bytes, the file has ${bytes.length}`,
    );
  }
  const kind = kinds[descr.slice(1)];
  // A copy, also of Node's Buffer, whose slice() is a view.
  const { buffer } = new Uint8Array(bytes);
  if (descr[0] === ">") swapBytes(new Uint8Array(buffer), size);
  const data = kind.read(buffer);
  return { dtype: kind.dtype, shape, data: fortran ? toRowMajor(data, shape) : data };
}

/** Encodes an array as `.npy` 1.0; float16 is not written. */
export function encodeNpy({ shape, data, dtype }: NpyArray): Uint8Array<ArrayBuffer> {
  const code = Object.entries(kinds).find(([, kind]) => kind.dtype === dtype)?.[0];
  const count = shape.reduce((n, d) => n * d, 1);
  if (code === undefined || dtype === "float16" || count !== data.length) {
    throw new InputError(`cannot store a ${dtype} array [${shape}] of ${data.length} elements`);
  }
  const order = kinds[code].size === 1 ? "|" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const text = dict + " ".repeat((64 - (10 + dict.length + 1) % 64) % 64) + "\n";
  const out = new Uint8Array(10 + text.length + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  out.set(new TextEncoder().encode(text), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + text.length);
  return out;
}

/** The array's values as float32; 64-bit integers are rounded. */
export function npyToFloat32({ data }: NpyArray): Float32Array<ArrayBuffer> {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from(data, Number);
  }
  return Float32Array.from(data);
}

/** What stands before the elements of a `.npy`; they begin at `start`. */
export function parseNpyHeader(
  bytes: Uint8Array,
  label: string,
): Omit<ElementLayout, "label"> & { start: number } {
  const bad = (reason: string) => new InputError(`cannot read ${label} as npy: ${reason}`);
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== "\x93NUMPY" || bytes.length < 12) throw bad("it does not start as one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const major = bytes[6];
  if (major < 1 || major > 3) throw bad(`format ${major}, expected 1, 2 or 3`);
  const from = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (from + length > bytes.length) throw bad("it ends within its header");
  const text = new TextDecoder().decode(bytes.subarray(from, from + length));
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const tuple = /'shape':\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (/'descr':\s*\[/.test(text)) {
    throw new UnsupportedDType(`cannot read ${label}: records, expected a plain array`);
  }
  if (descr === undefined || order === undefined || tuple === undefined) {
    throw bad("its header has no descr, fortran_order or shape");
  }
  const shape = tuple.split(",").map((s) => s.trim()).filter((s) => s !== "").map(parseFloat);
  if (!Number.isSafeInteger(shape.reduce((n, d) => n * d, 8))) throw bad(`shape (${tuple})`);
  return { descr, fortran: order === "True", shape, start: from + length };
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
}

function toRowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const out = data.slice() as NpyData;
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((n, s) => n * s, 1));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    let from = 0;
    for (let d = 0; d < shape.length; d++) from += index[d] * strides[d];
    out[i] = data[from];
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
  return out;
}
