import assert from "node:assert/strict";
import {
  _foreachMul_,
  _fusedAdamw_,
  add,
  add_,
  autocast,
  conv2d,
  detach,
  enableGrad,
  grad,
  inferenceMode,
  item,
  liveTensors,
  matmul,
  mean,
  mul,
  noGrad,
  ones,
  pow,
  scope,
  select,
  silu,
  softmax,
  sum,
  type Tensor,
  tensor,
  toNumbers,
  zeros,
} from "../../lib/tensor/mod.ts";
import { assertClose, fixture } from "./support.ts";

const leaf = (values: number[] | number[][] | number[][][][]) =>
  tensor(values).setRequiresGrad(true);

Deno.test("grad of x³ is 3x²", () => {
  scope(() => {
    const x = leaf([1, 2, -3]);
    const [dx] = grad([sum(pow(x, 3))], [x]);
    assertClose(toNumbers(dx!), [3, 12, 27]);
  });
});

Deno.test("grad through matmul, silu and softmax is PyTorch's", () => {
  scope(() => {
    const w = leaf([[0.5, -1], [2, 0.25], [1.5, -0.75]]);
    const y = silu(matmul(tensor([[1, 2, 3], [-1, 0.5, 2]]), w));
    const loss = add(mean(pow(y, 2)), sum(select(softmax(y, 1), 1, 0)));
    assertClose([item(loss)], [fixture.siluSoftmax.loss]);
    assertClose(toNumbers(grad([loss], [w])[0]!), fixture.siluSoftmax.grad);
  });
});

Deno.test("conv2d and both its gradients are PyTorch's", () => {
  scope(() => {
    const x = tensor(Array.from({ length: 16 }, (_, i) => i + 1), { shape: [1, 1, 4, 4] });
    x.setRequiresGrad(true);
    const w = leaf([[[[1, -1], [0.5, 2]]]]);
    const y = conv2d(x, w, { bias: tensor([0.1]), stride: 2, padding: 1 });
    assertClose(toNumbers(y), fixture.conv2d.y);
    const [dw, dx] = grad([sum(pow(y, 2))], [w, x]);
    assertClose(toNumbers(dw!), fixture.conv2d.gradW);
    assertClose(toNumbers(dx!), fixture.conv2d.gradX);
  });
});

Deno.test("grad weighs outputs by gradOutputs", () => {
  scope(() => {
    const x = leaf([1, 2]);
    const [dx] = grad([mul(x, x)], [x], { gradOutputs: [tensor([1, 10])] });
    assertClose(toNumbers(dx!), [2, 40]);
  });
});

Deno.test("grad: the graph goes after one use unless it is retained", () => {
  scope(() => {
    const x = leaf([2]);
    const y = sum(mul(x, x));
    assertClose(toNumbers(grad([y], [x], { retainGraph: true })[0]!), [4]);
    assertClose(toNumbers(grad([y], [x])[0]!), [4]);
    assert.throws(() => grad([y], [x]), /Trying to backward through the graph a second time/);
  });
});

Deno.test("grad of a grad, with createGraph", () => {
  scope(() => {
    const x = leaf([3]);
    const [first] = grad([sum(pow(x, 3))], [x], { createGraph: true });
    assertClose(toNumbers(grad([sum(first!)], [x])[0]!), [18]);
  });
});

Deno.test("grad: an unused input is an error, or undefined where that is allowed", () => {
  scope(() => {
    const [x, other] = [leaf([1]), leaf([1])];
    const y = sum(mul(x, 2));
    assert.throws(
      () => grad([y], [x, other], { retainGraph: true }),
      /of the differentiated Tensors appears to not have been used in the graph/,
    );
    const [dx, nothing] = grad([y], [x, other], { allowUnused: true });
    assert.deepEqual([toNumbers(dx!), nothing], [[2], undefined]);
  });
});

Deno.test("grad works after the handles between were disposed", () => {
  const before = liveTensors();
  const x = leaf([1, 2]);
  const loss = scope(() => sum(pow(mul(x, 3), 2)));
  assert.equal(liveTensors(), before + 2);
  const [dx] = grad([loss], [x]);
  assertClose(toNumbers(dx!), [18, 36]);
  for (const t of [x, loss, dx!]) t.dispose();
  assert.equal(liveTensors(), before);
});

Deno.test("noGrad, enableGrad, inferenceMode and detach decide what is recorded", () => {
  scope(() => {
    const x = leaf([1]);
    const recorded = (make: () => Tensor) => make().requiresGrad;
    assert.equal(recorded(() => mul(x, 2)), true);
    assert.equal(recorded(() => noGrad(() => mul(x, 2))), false);
    assert.equal(recorded(() => noGrad(() => enableGrad(() => mul(x, 2)))), true);
    assert.equal(recorded(() => inferenceMode(() => mul(x, 2))), false);
    assert.equal(recorded(() => detach(mul(x, 2))), false);
    assert.throws(() => noGrad(() => matmul(x, ones([2, 2]))));
    assert.equal(recorded(() => mul(x, 2)), true); // restored after the error
  });
});

Deno.test("a leaf that records gradients refuses to be changed in place", () => {
  scope(() => {
    assert.throws(() => add_(leaf([1]), 1), /a leaf Variable that requires grad/);
    assert.equal(item(noGrad(() => add_(leaf([1]), 1))), 2);
  });
});

Deno.test("autocast: products in bfloat16, restored afterwards, gradients in float32", () => {
  scope(() => {
    const [a, w] = [ones([2, 2]), leaf([[1, 2], [3, 4]])];
    const y = autocast({ dtype: "bfloat16" }, () => matmul(a, w));
    assert.equal(y.dtype, "bfloat16");
    assert.equal(grad([sum(y, { dtype: "float32" })], [w])[0]!.dtype, "float32");
    assert.equal(matmul(a, a).dtype, "float32");
    const off = autocast({}, () => autocast({ enabled: false }, () => matmul(a, a)));
    assert.equal(off.dtype, "float32");
    assert.throws(() => autocast({}, () => matmul(a, ones([3]))));
    assert.equal(matmul(a, a).dtype, "float32");
  });
});

Deno.test("autocast sees parameters as they are after a change in place", () => {
  scope(() => {
    const w = leaf([[1]]);
    const run = () => item(autocast({}, () => matmul(ones([1, 1]), w)));
    assert.equal(run(), 1);
    noGrad(() => add_(w, 2));
    assert.equal(run(), 3);
  });
});

Deno.test("_fusedAdamw_ takes PyTorch's steps", () => {
  scope(() => {
    const [p, g] = [tensor([1, 2, 3]), tensor([0.1, -0.2, 0.3])];
    const [m, v, step] = [zeros([3]), zeros([3]), zeros([])];
    for (let i = 0; i < 2; i++) {
      add_(step, 1);
      _fusedAdamw_([p], [g], [m], [v], [], [step], {
        lr: 0.1,
        beta1: 0.9,
        beta2: 0.99,
        weightDecay: 0.05,
        eps: 1e-8,
        amsgrad: false,
        maximize: false,
      });
    }
    assertClose(toNumbers(p), fixture.adamw);
  });
});

Deno.test("_foreachMul_ scales many tensors by a number, a tensor or one each", () => {
  scope(() => {
    const xs = [tensor([1, 2]), tensor([[3]])];
    _foreachMul_(xs, 2);
    _foreachMul_(xs, tensor(0.5, { shape: [] }));
    _foreachMul_(xs, [tensor([1, 3]), tensor([[2]])]);
    assert.deepEqual(xs.map(toNumbers), [[1, 6], [6]]);
  });
});
