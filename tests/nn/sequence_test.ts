import { deepEqual, equal, throws } from "node:assert/strict";
import { sequence } from "../../lib/nn/mod.ts";
import { add, grad, liveTensors, mul, ones, sum, toNumbers } from "../../lib/tensor/mod.ts";

Deno.test("sequence: a value is freed when the next one is there, the input stays", () => {
  using x = ones([2]);
  const before = liveTensors();
  const alive: number[] = [];
  const step = (y: typeof x) => {
    alive.push(liveTensors() - before);
    return add(mul(y, 2), 1);
  };
  using result = sequence(x, [step, step, (y) => y, step]);
  deepEqual(toNumbers(result), [15, 15]);
  // Each step finds one intermediate result, whatever came before.
  deepEqual(alive, [0, 1, 1]);
  deepEqual(toNumbers(x), [1, 1]);
  equal(liveTensors(), before + 1);
});

Deno.test("sequence: without steps it gives its input, and an error leaves nothing", () => {
  using x = ones([2]);
  equal(sequence(x, []), x);
  const before = liveTensors();
  throws(() =>
    sequence(x, [(y) => add(y, 1), () => {
      throw new Error("no more");
    }]), /no more/);
  equal(liveTensors(), before);
});

Deno.test("sequence: gradients pass through values that were freed", () => {
  using x = ones([2]).setRequiresGrad(true);
  using y = sequence(x, [(v) => mul(v, v), (v) => mul(v, v), (v) => sum(v)]);
  const [gradient] = grad([y], [x]);
  deepEqual(toNumbers(gradient!), [4, 4]);
  gradient!.dispose();
});
