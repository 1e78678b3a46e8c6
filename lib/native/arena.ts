/**
 * Encodes the arguments of a call as tagged words, and calls. The other side is native/src/call.cpp.
 * Nothing here allocates: a call on small tensors costs about as much as libtorch's own work.
 */

import {
  argumentArena as words,
  check,
  checkRoom,
  native,
  type NativeSymbols,
  resultArena,
} from "./library.ts";

/** Tags before each value, of the Tag enum in native/src/isa4d.h. */
export const TAG_OMITTED = 0;
/** No value. */
export const TAG_NONE = 1;
/** A number, boolean, dtype, device or generator. */
export const TAG_NUMBER = 2;
/** A tensor handle. */
export const TAG_TENSOR = 3;
/** A length and numbers. */
export const TAG_LIST = 4;
/** A length and tensors. */
export const TAG_TENSORS = 5;
/** A length and bytes. */
export const TAG_STRING = 6;

const encoder = new TextEncoder();
const cString = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text + "\0");

/** An ATen operator; looked up in the dispatcher at its first call. */
export class Operator {
  /** Its index in the native table, −1 before the first call. */
  index: number;

  /** `name` as `aten::add`, `overload` as `Tensor` or empty. */
  constructor(readonly name: string, readonly overload: string) {
    this.index = -1;
  }
}

let cursor = 1;
let count = 0;
let symbols: NativeSymbols | undefined;

/** Starts a new argument list. */
export function beginArguments(): void {
  cursor = 1;
  count = 0;
}

/** The schema's default. */
export function putOmitted(): void {
  words[cursor++] = TAG_OMITTED;
  count++;
}

/** No value. */
export function putNone(): void {
  words[cursor++] = TAG_NONE;
  count++;
}

/** A number; also a dtype, device or generator. */
export function putNumber(value: number): void {
  words[cursor] = TAG_NUMBER;
  words[cursor + 1] = value;
  cursor += 2;
  count++;
}

/** A tensor handle. */
export function putTensor(handle: number): void {
  words[cursor] = TAG_TENSOR;
  words[cursor + 1] = handle;
  cursor += 2;
  count++;
}

/** A list of numbers. */
export function putNumbers(values: ArrayLike<number>): void {
  const length = values.length;
  openList(TAG_LIST, length);
  for (let i = 0; i < length; i++) words[cursor++] = values[i];
}

/** Starts a list of `length` tensors, each then given by {@link putHandle}. */
export function openTensors(length: number): void {
  openList(TAG_TENSORS, length);
}

/** One tensor of a list; 0 for none. */
export function putHandle(handle: number): void {
  words[cursor++] = handle;
}

/** A string. */
export function putString(text: string): void {
  const bytes = encoder.encode(text);
  openList(TAG_STRING, bytes.length);
  for (const byte of bytes) words[cursor++] = byte;
}

function openList(tag: number, length: number): void {
  checkRoom(cursor + length + 2);
  words[cursor] = tag;
  words[cursor + 1] = length;
  cursor += 2;
  count++;
}

/** Calls the operator with what was put since {@link beginArguments}; results lie in the arena. */
export function invoke(op: Operator): void {
  words[0] = count;
  const library = symbols ??= native();
  const index = op.index >= 0 ? op.index : resolveOperator(op);
  const status = library.isa4d_call(index);
  if (status !== 0) check(status);
}

/** Looks the operator up; throws a NativeError of kind "not_implemented" where libtorch lacks it. */
export function resolveOperator(op: Operator): number {
  check(native().isa4d_operator(cString(op.name), cString(op.overload)));
  op.index = resultArena[0];
  return op.index;
}

/** An operator's schema as the dispatcher prints it. */
export function operatorSchema(name: string, overload: string): string {
  const text = new Uint8Array(16384);
  check(native().isa4d_schema(cString(name), cString(overload), text, text.length));
  return new TextDecoder().decode(text.subarray(0, resultArena[0]));
}
