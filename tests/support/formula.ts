/**
 * Weights that are a formula of name and index, as the fixtures' scripts have them.
 * @module
 */
import type { TensorToStore } from "../../lib/io/mod.ts";

/** Value i: sin(1.7 i + n) / √(values of one output), n from the name's letters; norms around 1. */
export function formulaTensor(
  name: string,
  shape: readonly number[],
  { norms = true }: { readonly norms?: boolean } = {},
): TensorToStore {
  const count = shape.reduce((product, size) => product * size, 1);
  const phase = name.length + [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const scale = 1 / Math.sqrt(shape.length > 1 ? count / shape[0] : count);
  const offset = norms && name.includes("norm") && name.endsWith("weight") ? 1 : 0;
  const values = Float32Array.from(
    { length: count },
    (_, i) => scale * Math.sin(1.7 * i + phase) + offset,
  );
  return { dtype: "float32", shape: [...shape], bytes: new Uint8Array(values.buffer) };
}
