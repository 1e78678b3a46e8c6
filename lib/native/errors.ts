/** Turns a native status into a typed error. */

import { NativeError, type NativeErrorKind } from "../errors.ts";

// In the order of the Status enum in native/src/isa4d.h.
const KINDS: readonly NativeErrorKind[] = [
  "runtime", // 0 is success and never looked up
  "runtime",
  "index",
  "type",
  "value",
  "not_implemented",
  "out_of_memory",
  "unknown",
];

const decoder = new TextDecoder();

/** The error for a status other than 0, whose message lies NUL-terminated in `buffer`. */
export function nativeError(status: number, buffer: Uint8Array): NativeError {
  const end = buffer.indexOf(0);
  const message = decoder.decode(buffer.slice(0, end < 0 ? buffer.length : end));
  return new NativeError(KINDS[status] ?? "unknown", message);
}
