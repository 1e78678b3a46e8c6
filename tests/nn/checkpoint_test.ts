import { deepEqual, equal } from "node:assert/strict";
import { chainParameters, checkpointedGrad, Linear, type Segment, Vars } from "../../lib/nn/mod.ts";
import {
  add,
  generator,
  grad,
  liveTensors,
  mean,
  mul,
  randn,
  scope,
  tanh,
  type Tensor,
} from "../../lib/tensor/mod.ts";
import { assertClose } from "../support/fixtures.ts";

/** Two streams that mix, a shared value, and one layer used twice. */
function chain(vars: Vars): Segment[] {
  const layers = [0, 1].map((i) => new Linear(vars.sub(i), 4, 4));
  return [layers[0], layers[1], layers[0]].map((layer) => ({
    forward: ([a, b], [shift]) => [tanh(add(layer.forward(a), shift)), mul(b, a)],
    parameters: [layer.weight, layer.bias!],
  }));
}

function loss([a, b]: readonly Tensor[]): Tensor {
  return mean(mul(a, add(a, b)));
}

Deno.test("checkpointedGrad: loss and gradients are those of plain autograd", () => {
  using vars = Vars.root({ seed: 1 });
  const segments = chain(vars);
  const parameters = chainParameters(segments);
  equal(parameters.length, 4);
  scope(() => {
    using random = generator(1, "cpu");
    const make = (): Tensor => randn([3, 4], { generator: random }).setRequiresGrad(true);
    const [a, b, shift] = [make(), make(), make()];
    let values: Tensor[] = [a, b];
    for (const segment of segments) values = segment.forward(values, [shift]);
    const value = loss(values);
    const expected = grad([value], [a, b, shift, ...parameters]);
    const found = checkpointedGrad(segments, [a, b], { shared: [shift], loss });
    assertClose(found.loss, value, 1e-6);
    const grads = [...found.inputGrads, ...found.sharedGrads, ...found.parameterGrads];
    expected.forEach((gradient, i) => assertClose(grads[i]!, gradient!, 1e-6, `gradient ${i}`));
  });
});

Deno.test("checkpointedGrad: a value that the loss does not need has no gradient", () => {
  using vars = Vars.root();
  const layer = new Linear(vars, 2, 2);
  const segment: Segment = {
    forward: ([a, b]) => [layer.forward(a), b],
    parameters: [layer.weight, layer.bias!],
  };
  scope(() => {
    const inputs = [randn([1, 2]), randn([1, 2])];
    const found = checkpointedGrad([segment], inputs, {
      shared: [randn([1])],
      loss: ([a]) => mean(a),
    });
    deepEqual(found.inputGrads.map((g) => g !== undefined), [true, false]);
    deepEqual(found.sharedGrads, [undefined]);
  });
});

Deno.test("checkpointedGrad: nothing but its results stays alive", () => {
  using vars = Vars.root();
  const segments = chain(vars);
  scope(() => {
    const inputs = [randn([3, 4]), randn([3, 4])];
    const shared = [randn([3, 4])];
    const before = liveTensors();
    checkpointedGrad(segments, inputs, { shared, loss });
    equal(liveTensors(), before + 1 + 2 + 1 + 4);
  });
});
