/**
 * Fixtures made by PyTorch, and how closely our numbers must follow them.
 * @module
 */

import { ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "../../lib/io/mod.ts";
import { fromBytes, scope, type Tensor, to, toArray } from "../../lib/tensor/mod.ts";

/** Tensors of a safetensors file below tests/fixtures; they are the caller's to free. */
export async function loadFixture(path: string): Promise<Map<string, Tensor>> {
  const file = fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
  const { tensors } = await readSafetensors(file);
  return new Map(
    [...tensors].map(([name, { bytes, shape, dtype }]) => [
      name,
      fromBytes(bytes, { shape: [...shape], dtype }),
    ]),
  );
}

/** |actual − expected| / |expected| in the Euclidean norm; |actual| where nothing is expected. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  return scope(() => {
    const a = toArray(to(actual, { dtype: "float64", device: "cpu" })) as Float64Array;
    const b = toArray(to(expected, { dtype: "float64", device: "cpu" })) as Float64Array;
    let difference = 0;
    let size = 0;
    for (let i = 0; i < b.length; i++) {
      difference += (a[i] - b[i]) ** 2;
      size += b[i] ** 2;
    }
    return Math.sqrt(difference / (size || 1));
  });
}

/** Asserts equal shapes and a relative error of at most `tolerance`. */
export function assertClose(
  actual: Tensor,
  expected: Tensor,
  tolerance: number,
  label: string = "tensor",
): void {
  ok(
    actual.shape.join() === expected.shape.join(),
    `${label}: shape [${actual.shape}], expected [${expected.shape}]`,
  );
  const error = relativeError(actual, expected);
  // Written so that NaN fails.
  ok(error <= tolerance, `${label}: relative error ${error}, allowed ${tolerance}`);
}
