/**
 * NumPy arrays and element types inside pickles.
 * @module
 */
import { decodeElements, elementSize, type NpyArray, type NpyData, type NpyDType } from "../npy.ts";
import { type BuildContext, setState, type Stateful } from "./objects.ts";
import { latin1, latin1Bytes } from "./text.ts";

/** `numpy.dtype`: a letter with a size, and a byte order that its state brings. */
export class NumpyDType implements Stateful {
  /** For example `f8`. */
  readonly code: string;
  /** `<`, `>` or `|`. */
  order = "<";

  /** Takes NumPy's code; its order may be in front of it. */
  constructor(code: string) {
    this.code = code.replace(/^[<>|=]/, "");
    if (code.startsWith(">")) this.order = ">";
  }

  /** NumPy's type string. */
  get descr(): string {
    return this.order + this.code;
  }

  /** Takes (version, order, subarray, names, fields, …). */
  [setState](state: unknown, context: BuildContext): void {
    const [, order, subarray, names] = Array.isArray(state) ? state : [];
    if (typeof order !== "string" || !"<>|=".includes(order) || order.length !== 1) {
      throw context.error("gets no byte order");
    }
    if ((subarray ?? null) !== null || (names ?? null) !== null) {
      throw context.error("has fields, expected plain numbers");
    }
    this.order = order === "=" ? "<" : order;
  }
}

/** Longest dimension of an array that has no element: nothing else bounds it. */
const maxEmptyDimension = 1e6;

/** Checks that a value is an array's shape. */
export function parseShape(value: unknown, context: BuildContext): number[] {
  const list = typeof value === "number" ? [value] : value;
  const fits = Array.isArray(list) && list.length <= 32 &&
    list.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!fits) throw context.error("gets no shape");
  const count = list.reduce((n: number, d: number) => n * d, 1);
  if (!Number.isSafeInteger(count) || (count === 0 && Math.max(...list) > maxEmptyDimension)) {
    throw context.error(`has the shape [${list}]`);
  }
  return [...list];
}

/** Raw bytes, which Python 2 keeps in a string. */
function rawBytes(value: unknown, context: BuildContext): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const bytes = typeof value === "string" ? latin1Bytes(value) : undefined;
  if (!bytes) throw context.error("gets no bytes");
  return bytes;
}

/** An array of a pickle; one of numbers is an {@link NpyArray} as it is. */
export class PickledArray implements Stateful {
  /** Element type; `object` and `text` arrays hold a list. */
  dtype: NpyDType | "object" | "text" = "float64";
  /** Sizes. */
  shape: number[] = [0];
  /** Elements, the last dimension fastest. */
  data: NpyData | readonly unknown[] = new Float64Array(0);

  /** Takes NumPy's (version, shape, dtype, is_fortran, data). */
  [setState](state: unknown, context: BuildContext): void {
    const parts = Array.isArray(state) ? state.slice(-4) : [];
    const [shape, dtype, fortran, data] = parts;
    if (!(dtype instanceof NumpyDType)) throw context.error("gets no dtype");
    this.fill({ shape: parseShape(shape, context), dtype, fortran: !!fortran }, data, context);
  }

  /** Sets all: elements as bytes, of an object array as a list. */
  fill(
    { shape, dtype, fortran }: ArrayLayout,
    data: unknown,
    context: BuildContext,
  ): void {
    const kind = dtype.code[0];
    if (kind === "O") return this.#fillList(shape, data, context);
    const bytes = rawBytes(data, context);
    context.take(2 * bytes.length);
    if (kind === "U" || kind === "S") {
      this.dtype = "text";
      this.shape = shape;
      this.data = decodeTexts(bytes, dtype, context);
      if (fortran && shape.length > 1) throw context.error("is text in Fortran order");
      return;
    }
    const label = `array ${context.name}`;
    if (elementSize(dtype.descr) === undefined) {
      throw context.error(`has dtype ${dtype.descr}, expected numbers or bool`);
    }
    Object.assign(this, decodeElements(bytes, { descr: dtype.descr, fortran, shape, label }));
  }

  #fillList(shape: number[], data: unknown, context: BuildContext): void {
    const count = shape.reduce((n, d) => n * d, 1);
    if (!Array.isArray(data) || data.length !== count) {
      throw context.error(`has no list of ${count} objects`);
    }
    this.dtype = "object";
    this.shape = shape;
    this.data = data;
  }
}

/** Type, sizes and order of an array. */
export interface ArrayLayout {
  /** Sizes. */
  readonly shape: number[];
  /** Element type. */
  readonly dtype: NumpyDType;
  /** Whether the first dimension is the fastest. */
  readonly fortran: boolean;
}

function decodeTexts(bytes: Uint8Array, { code, order }: NumpyDType, context: BuildContext) {
  const length = Number(code.slice(1));
  const size = code[0] === "U" ? 4 * length : length;
  if (!Number.isInteger(length) || (size === 0 ? bytes.length > 0 : bytes.length % size !== 0)) {
    throw context.error(`has dtype ${code} and ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = size === 0 ? 0 : bytes.length / size;
  context.take(count * 32);
  return Array.from({ length: count }, (_, i) => {
    if (code[0] === "S") {
      return latin1(bytes.subarray(i * size, (i + 1) * size)).replace(/\0+$/, "");
    }
    const points = Array.from(
      { length },
      (_, k) => view.getUint32(i * size + k * 4, order !== ">"),
    );
    if (points.some((point) => point > 0x10ffff)) throw context.error("has text that is none");
    return String.fromCodePoint(...points).replace(/\0+$/, "");
  });
}

/** Whether a value is an array of numbers, of a pickle or a `.npy`. */
export function isNumericArray(value: unknown): value is NpyArray {
  return typeof value === "object" && value !== null && "dtype" in value && "data" in value &&
    ArrayBuffer.isView(value.data);
}

/** `scalar(dtype, bytes)`: one number of an array, as a plain number. */
export function numpyScalar([dtype, data]: readonly unknown[], context: BuildContext): unknown {
  if (!(dtype instanceof NumpyDType)) throw context.error("gets no dtype");
  const array = new PickledArray();
  array.fill({ shape: [], dtype, fortran: false }, data, context);
  const value = array.data[0];
  if (array.dtype === "bool") return value !== 0;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** `_frombuffer(buffer, dtype, shape, order, axis_order)` of protocol 5. */
export function arrayFromBuffer(args: readonly unknown[], context: BuildContext): PickledArray {
  const [data, dtype, shape, order, axes] = args;
  if (!(dtype instanceof NumpyDType)) throw context.error("gets no dtype");
  if (order !== "C" && order !== "F" && order !== "K") {
    throw context.error("has an order that is none of C, F and K");
  }
  // "K" with axes is an array whose dimensions were exchanged: such never come from data files.
  if ((axes ?? null) !== null) throw context.error("has exchanged dimensions");
  const array = new PickledArray();
  const layout = { shape: parseShape(shape, context), dtype, fortran: order === "F" };
  array.fill(layout, data, context);
  return array;
}

/** `_reconstruct(ndarray, (0,), 'b')`: an array that its state will fill. */
export function emptyArray(): PickledArray {
  return new PickledArray();
}

/** `numpy.dtype('f8', …)`. */
export function numpyDType([code]: readonly unknown[], context: BuildContext): NumpyDType {
  if (typeof code !== "string" || !/^[<>|=]?[a-zA-Z]\d*$/.test(code)) {
    throw context.error("is made without a code");
  }
  return new NumpyDType(code);
}
