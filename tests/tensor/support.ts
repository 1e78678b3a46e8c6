/** What the tensor tests share. */

import assert from "node:assert/strict";

interface Fixture {
  readonly siluSoftmax: { readonly loss: number; readonly grad: number[] };
  readonly conv2d: { readonly y: number[]; readonly gradW: number[]; readonly gradX: number[] };
  readonly adamw: number[];
  readonly gridSample: Readonly<Record<string, number[]>>;
  readonly attention: { readonly plain: number[]; readonly causal: number[] };
  readonly random: Readonly<Record<"randn" | "rand" | "randint" | "randperm", number[]>>;
}

/** What PyTorch gives; tests/fixtures/tensor/make.py wrote it. */
export const fixture: Fixture = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/tensor/tensor.json", import.meta.url)),
);

/** Asserts that the largest difference is at most `tolerance` of the largest expected value. */
export function assertClose(
  actual: readonly number[],
  expected: readonly number[],
  tolerance = 1e-5,
): void {
  assert.equal(actual.length, expected.length);
  const scale = Math.max(1e-12, ...expected.map(Math.abs));
  const worst = Math.max(0, ...actual.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(worst <= tolerance * scale, `differs by ${worst} at scale ${scale}: [${actual}]`);
}
