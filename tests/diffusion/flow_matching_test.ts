import assert from "node:assert/strict";
import {
  addNoise,
  flowTarget,
  guide,
  sampleFlowTimes,
  shiftTime,
} from "../../lib/diffusion/mod.ts";
import { generator, mul, scope, sub, tensor, toArray } from "../../lib/tensor/mod.ts";

const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-6): void =>
  assert.ok(
    Array.from(a).every((value, i) => Math.abs(value - b[i]) < tolerance),
    `${[...Array.from(a)]} is not ${[...Array.from(b)]}`,
  );

Deno.test("addNoise: data at t = 0, noise at t = 1, and the flow is its derivative", () => {
  scope(() => {
    const clean = tensor([[1, 2], [3, 4], [5, 6]]);
    const noise = tensor([[-1, 0], [1, 2], [0.5, 7]]);
    const at = (t: number): Float32Array =>
      toArray(addNoise(clean, noise, tensor([t, t, t]))) as Float32Array;
    close(at(0), toArray(clean) as Float32Array);
    close(at(1), toArray(noise) as Float32Array);
    const slope = Array.from(at(0.6), (value, i) => (value - at(0.5)[i]) / 0.1);
    close(slope, toArray(flowTarget(clean, noise)) as Float32Array, 1e-5);
  });
});

Deno.test("sampleFlowTimes: shifted logit-normal, the same for the same seed", () => {
  scope(() => {
    const draw = (shift: number): Float32Array => {
      using random = generator(5, "cpu");
      return toArray(sampleFlowTimes(2000, { shift, generator: random })) as Float32Array;
    };
    const plain = draw(1);
    assert.deepEqual(plain, draw(1));
    const mean = plain.reduce((a, b) => a + b) / plain.length;
    assert.ok(Math.abs(mean - 0.5) < 0.02);
    close(draw(3), plain.map((t) => shiftTime(t, 3)), 1e-5);
  });
});

Deno.test("guide: 1 is the conditional branch, 0 the unconditional, 2 goes on beyond", () => {
  scope(() => {
    const conditional = tensor([3, 5]);
    const unconditional = tensor([1, 1]);
    const guided = (scale: number): Float32Array =>
      toArray(guide(conditional, unconditional, scale)) as Float32Array;
    close(guided(1), [3, 5]);
    close(guided(0), [1, 1]);
    close(guided(2), toArray(sub(mul(conditional, 2), unconditional)) as Float32Array);
  });
});
