import assert from "node:assert/strict";
import {
  add,
  add_,
  all,
  any,
  arange,
  cat,
  chunk,
  clamp,
  copy_,
  fill_,
  flip,
  gridSample,
  gt,
  isOn,
  item,
  lerp,
  lerp_,
  linalgEigh,
  linspace,
  matmul,
  max,
  mean,
  mseLoss,
  mul,
  mul_,
  ones,
  pad,
  pow,
  prod,
  quantile,
  reshape,
  roll,
  scaledDotProductAttention,
  scope,
  sharesMemory,
  sin,
  slice,
  split,
  squeeze,
  stack,
  std,
  sub,
  sum,
  tensor,
  toNumbers,
  transpose,
  unbind,
  variance,
  zero_,
} from "../../lib/tensor/mod.ts";
import { assertClose, fixture } from "./support.ts";

const test = (name: string, fn: () => void) => Deno.test(name, () => scope(fn));

test("a number stands for a tensor on either side and keeps the tensor's dtype", () => {
  const x = tensor([1, 2]);
  assert.deepEqual(toNumbers(sub(1, x)), [0, -1]);
  assert.deepEqual(toNumbers(mul(x, 0.5)), [0.5, 1]);
  assert.equal(mul(x, 0.5).dtype, "float32");
  assert.equal(mul(tensor([1], { dtype: "bfloat16" }), 0.5).dtype, "bfloat16");
  assert.equal(add(tensor([1], { dtype: "int64" }), 2).dtype, "int64");
  assert.equal(add(tensor([1], { dtype: "int64" }), 0.5).dtype, "float32");
  assert.deepEqual(toNumbers(add(x, x, { alpha: 10 })), [11, 22]);
  assert.deepEqual(toNumbers(pow(2, x)), [2, 4]);
  assert.deepEqual(toNumbers(pow(x, 0.5)), [1, Math.fround(Math.SQRT2)]);
});

test("in-place operators return their argument and change it", () => {
  const x = tensor([1, 2]);
  assert.equal(add_(x, 1), x);
  assert.equal(mul_(x, x), x);
  assert.equal(lerp_(x, tensor([0, 0]), 0.5), x);
  assert.deepEqual(toNumbers(x), [2, 4.5]);
  assert.equal(fill_(x, 7), x);
  assert.equal(copy_(x, tensor([3, 4])), x);
  assert.deepEqual(toNumbers(x), [3, 4]);
  assert.equal(zero_(x), x);
  assert.deepEqual(toNumbers(x), [0, 0]);
});

test("reductions over all elements, one dimension or several", () => {
  const x = reshape(arange(1, 7, { dtype: "float32" }), [2, 3]);
  assert.equal(item(sum(x)), 21);
  assert.deepEqual(toNumbers(sum(x, { dim: 0 })), [5, 7, 9]);
  assert.deepEqual(sum(x, { dim: [0, 1], keepdim: true }).shape, [1, 1]);
  assert.deepEqual(sum(x, { keepdim: true }).shape, [1, 1]);
  assert.deepEqual(toNumbers(mean(x, { dim: -1 })), [2, 5]);
  assert.equal(sum(x, { dtype: "float64" }).dtype, "float64");
  assertClose(toNumbers(variance(x, { dim: 1, correction: 0 })), [2 / 3, 2 / 3]);
  assertClose([item(std(x))], [Math.sqrt(3.5)]);
  assert.equal(item(prod(x)), 720);
  assert.equal(item(max(x)), 6);
  assert.equal(item(quantile(x, 0.5)), 3.5);
  assert.equal(item(all(gt(x, 0))), 1);
  assert.deepEqual(toNumbers(any(gt(x, 4), { dim: 1 })), [0, 1]);
});

test("shape operators take and give what their names say", () => {
  const x = reshape(arange(6), [2, 3]);
  assert.deepEqual(cat([x, x], 1).shape, [2, 6]);
  assert.deepEqual(stack([x, x], -1).shape, [2, 3, 2]);
  assert.deepEqual(split(x, [1, 2], 1).map((part) => part.shape), [[2, 1], [2, 2]]);
  assert.deepEqual(chunk(x, 2, 1).map((part) => part.shape), [[2, 2], [2, 1]]);
  assert.deepEqual(unbind(x).map(toNumbers), [[0, 1, 2], [3, 4, 5]]);
  assert.deepEqual(toNumbers(slice(x, { dim: 1, start: 1 })), [1, 2, 4, 5]);
  assert.deepEqual(toNumbers(slice(x, { dim: 1, end: -1, step: 2 })), [0, 3]);
  assert.deepEqual(toNumbers(transpose(x, 0, 1)), [0, 3, 1, 4, 2, 5]);
  assert.deepEqual(toNumbers(roll(x, 1, 1)), [2, 0, 1, 5, 3, 4]);
  assert.deepEqual(toNumbers(flip(x, [1])), [2, 1, 0, 5, 4, 3]);
  assert.deepEqual(squeeze(ones([1, 2, 1])).shape, [2]);
  assert.deepEqual(squeeze(ones([1, 2, 1]), 0).shape, [2, 1]);
  assert.deepEqual(toNumbers(pad(tensor([1, 2]), [1, 0], { value: 9 })), [9, 1, 2]);
  assert.deepEqual(
    toNumbers(pad(tensor([[1, 2]]), [0, 2], { mode: "replicate" })),
    [1, 2, 2, 2],
  );
  assert.ok(sharesMemory(x, reshape(x, [6])));
});

test("operators that give several tensors", () => {
  const [eigenvalues, vectors] = linalgEigh(tensor([[2, 1], [1, 2]]));
  assertClose(toNumbers(eigenvalues), [1, 3]);
  const back = matmul(mul(vectors, eigenvalues), transpose(vectors, 0, 1));
  assertClose(toNumbers(back), [2, 1, 1, 2]);
});

test("clamp, lerp, losses", () => {
  const a = tensor([[1, 2], [3, 4]]);
  assert.deepEqual(toNumbers(clamp(a, { min: 2, max: 3 })), [2, 2, 3, 3]);
  assert.deepEqual(toNumbers(clamp(a, { max: 3 })), [1, 2, 3, 3]);
  assert.deepEqual(toNumbers(lerp(a, mul(a, 3), 0.5)), [2, 4, 6, 8]);
  assert.equal(item(mseLoss(a, add(a, 2))), 4);
  assert.equal(item(mseLoss(a, add(a, 2), { reduction: "sum" })), 16);
  assert.equal(isOn(a, "cpu"), true);
});

for (const [key, expected] of Object.entries(fixture.gridSample)) {
  test(`gridSample ${key} is PyTorch's`, () => {
    const [mode, paddingMode, corners] = key.split("/");
    const x = reshape(arange(9, { dtype: "float32" }), [1, 1, 3, 3]);
    const grid = tensor([[[[0, 0], [0.5, -0.5], [-1.2, 0.9]]]]);
    const y = gridSample(x, grid, {
      mode: mode as "bilinear" | "nearest" | "bicubic",
      paddingMode: paddingMode as "zeros" | "border" | "reflection",
      alignCorners: corners === "True",
    });
    assertClose(toNumbers(y), expected);
  });
}

test("scaledDotProductAttention is PyTorch's, causal and scaled too", () => {
  const base = reshape(linspace(-1, 1, 24), [1, 2, 3, 4]);
  const [q, k, v] = [1, 2, 3].map((factor) => sin(mul(base, factor)));
  assertClose(toNumbers(scaledDotProductAttention(q, k, v)), fixture.attention.plain);
  const causal = scaledDotProductAttention(q, k, v, { isCausal: true, scale: 0.3 });
  assertClose(toNumbers(causal), fixture.attention.causal);
});
