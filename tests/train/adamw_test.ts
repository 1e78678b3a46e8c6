import { deepEqual } from "node:assert/strict";
import { contiguous, scope, tensor, toArray, transpose, zeros } from "../../lib/tensor/mod.ts";
import { AdamW } from "../../lib/train/adamw.ts";

Deno.test("AdamW: a gradient that lies in memory in another order moves the same elements", () => {
  scope(() => {
    const turned = transpose(tensor([[1, -2], [-3, 4], [5, -6]]), 0, 1); // [2, 3]
    const moved = [turned, contiguous(turned)].map((gradient) => {
      const weight = zeros([2, 3]);
      const optimiser = new AdamW(new Map([["weight", weight]]));
      optimiser.step(new Map([["weight", gradient]]), 0.1);
      optimiser.dispose();
      const values = toArray(weight) as Float32Array;
      return Array.from(values, (value) => Math.round(value * 1e4) / 1e4);
    });
    deepEqual(moved[0], [-0.1, 0.1, -0.1, 0.1, -0.1, 0.1]);
    deepEqual(moved[0], moved[1]);
  });
});
