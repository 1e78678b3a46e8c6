import { equal, ok } from "node:assert/strict";
import { item, liveTensors, mul, scope, sum, type Tensor, tensor } from "../../lib/tensor/mod.ts";
import {
  adaptiveWeight,
  generatorLoss,
  hingeLoss,
  r1Penalty,
} from "../../lib/train/adversarial.ts";

Deno.test("hinge: judgements beyond the margin cost nothing, those within it linearly", () => {
  scope(() => {
    const real = tensor([2, 0.5]);
    const made = tensor([-3, 0]);
    // ½ (0 + 0.5)/2 + ½ (0 + 1)/2
    equal(item(hingeLoss(real, made)), 0.375);
    equal(item(generatorLoss(made)), 1.5);
  });
});

Deno.test("adaptiveWeight: the ratio of both gradients at the last layer", () => {
  const before = liveTensors();
  scope(() => {
    const lastLayer = tensor([1, 2]).setRequiresGrad(true);
    const along = (factors: number[]): Tensor => sum(mul(lastLayer, tensor(factors)));
    const weight = (adversarial: number[]): number =>
      adaptiveWeight({ reconstruction: along([3, 4]), adversarial: along(adversarial), lastLayer });
    ok(Math.abs(weight([0, 2]) - 2.5) < 1e-3);
    equal(weight([0, 0]), 1e4);
  });
  equal(liveTensors(), before);
});

Deno.test("r1Penalty: the mean squared length of the judge's gradient", () => {
  scope(() => {
    const slope = tensor([[1, 2], [0, 2]]);
    const real = tensor([[5, 6], [7, 8]]);
    // Each sample's gradient is its row of the slope: (1 + 4 + 0 + 4) / 2.
    equal(item(r1Penalty((x) => mul(x, slope), real)), 4.5);
  });
});
