/**
 * What an unpickler returns, in the form that the fixtures' scripts write.
 * @module
 */
import { denseFloats, PickledArray, SparseMatrix } from "../../../lib/io/pickle/mod.ts";

/** Bytes from base64. */
export const decode = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** Maps as objects, arrays with type and shape, the rest as it is. */
export function simple(value: unknown): unknown {
  if (typeof value === "bigint") return { bigint: String(value) };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Set) return { set: [...value].map(simple) };
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([k, v]) => [k, simple(v)]));
  }
  if (value instanceof SparseMatrix) {
    return { dense: [...denseFloats(value)!.data], shape: value.shape };
  }
  if (value instanceof PickledArray) {
    const data = Array.from(
      value.data as Iterable<unknown>,
      (x) => typeof x === "bigint" ? Number(x) : x,
    );
    return { dtype: value.dtype, shape: value.shape, data };
  }
  return Array.isArray(value) ? value.map(simple) : value;
}
