import assert from "node:assert/strict";
import {
  autocast,
  type CallRecord,
  cat,
  conv2d,
  conv3d,
  cudaAvailable,
  flip,
  getThreads,
  gridSample,
  groupNorm,
  gt,
  indexSelect,
  layerNorm,
  linear,
  matmul,
  memoryStats,
  onCall,
  ones,
  operator,
  requireDevice,
  rmsNorm,
  roll,
  scaledDotProductAttention,
  scope,
  setThreads,
  std,
  sum,
  type Tensor,
  to,
  toArray,
  upsampleNearest3d,
  zeros,
} from "../../lib/tensor/mod.ts";

type Make = (...shape: number[]) => Tensor;

const onBoth: readonly [string, (make: Make) => Tensor][] = [
  ["conv2d", (z) => conv2d(z(2, 4, 7, 7), z(6, 2, 3, 3), { stride: 2, padding: 1, groups: 2 })],
  ["conv3d", (z) => conv3d(z(1, 3, 5, 8, 8), z(6, 3, 3, 3, 3), { padding: 1, stride: [1, 2, 2] })],
  [
    "conv_transpose2d",
    (z) =>
      operator("conv_transpose2d", "input")(z(1, 4, 3, 3), z(4, 2, 2, 2), undefined, [2, 2])[0],
  ],
  ["groupNorm", (z) => groupNorm(z(2, 4, 3, 3), 2, { weight: z(4), bias: z(4) })],
  ["layerNorm", (z) => layerNorm(z(2, 3, 4), [4], { weight: z(4) })],
  ["rmsNorm", (z) => rmsNorm(z(2, 3, 4), [4])],
  [
    "scaledDotProductAttention",
    (z) => scaledDotProductAttention(z(1, 2, 3, 4), z(1, 2, 5, 4), z(1, 2, 5, 4)),
  ],
  ["gridSample", (z) => gridSample(z(1, 2, 4, 4), z(1, 3, 5, 2))],
  ["upsampleNearest3d", (z) => upsampleNearest3d(z(1, 2, 2, 2, 2), [2, 4, 4])],
  ["where", (z) => operator("where", "ScalarOther")(gt(z(2, 1), 0), z(3), 1)[0]],
  ["std", (z) => std(z(2, 3, 4), { dim: [0, 2], keepdim: true })],
  ["var of a number", (z) => operator("var", "correction")(z(), [0], undefined, true)[0]],
  ["roll and flip", (z) => roll(flip(z(2, 3), [0]), 1, 1)],
  ["indexSelect", (z) => indexSelect(z(2, 5), -1, to(z(3), { dtype: "int64" }))],
  ["autocast linear", (z) => autocast({}, () => linear(z(2, 3), z(4, 3), { bias: z(4) }))],
];

for (const [name, run] of onBoth) {
  Deno.test(`${name}: the meta device gives the CPU's shape`, () => {
    scope(() => {
      const cpu = run((...shape) => zeros(shape));
      const meta = run((...shape) => zeros(shape, { device: "meta" }));
      assert.deepEqual([meta.shape, meta.device], [cpu.shape, "meta"]);
    });
  });
}

Deno.test("the meta device refuses what has no shape", () => {
  scope(() => {
    const z = (...shape: number[]) => zeros(shape, { device: "meta" });
    const convolve = operator("convolution_overrideable");
    const wrong: [() => unknown, RegExp][] = [
      [() => operator("native_layer_norm")(z(2), [2, 3], undefined, undefined, 1e-5), /at least 2/],
      [() => operator("_cdist_forward")(z(2), z(2), 2, undefined), /two dimensions/],
      [
        () =>
          convolve(
            ...[z(1, 1, 4, 4), z(1, 1, 2, 2), undefined, [0, 1], [0, 0], [1, 1]],
            ...[false, [0, 0], 1],
          ),
        /strides above 0/,
      ],
      [
        () => convolve(z(1, 1, 4, 4), z(1, 1, 2, 2), undefined, [1], [0], [1], false, [0], 1),
        /of 2 dimensions/,
      ],
    ];
    for (const [call, message] of wrong) assert.throws(call, message);
  });
});

Deno.test("meta tensors hold no memory and have no values", () => {
  scope(() => {
    const y = matmul(
      zeros([2 ** 20, 2 ** 20], { device: "meta" }),
      zeros([2 ** 20, 4], { device: "meta" }),
    );
    assert.deepEqual([y.device, y.shape], ["meta", [2 ** 20, 4]]);
    assert.throws(() => toArray(y), /meta/i);
  });
});

Deno.test("onCall sees each operator with the shapes of its tensors, and nothing after it", () => {
  scope(() => {
    const calls: CallRecord[] = [];
    const x = ones([2, 3]);
    const y = onCall((call) => calls.push(call), () => {
      const h = linear(x, ones([4, 3]), { bias: zeros([4]) });
      return cat([h, h], 1);
    });
    sum(y);
    assert.deepEqual(calls.map((call) => call.op), [
      "aten::ones",
      "aten::zeros",
      "aten::linear",
      "aten::cat",
    ]);
    assert.deepEqual(calls[2].inputs, [[2, 3], [4, 3], [4]]);
    const { startMs, ms, ...call } = calls[3];
    assert.ok(startMs >= calls[2].startMs + calls[2].ms && ms > 0);
    assert.deepEqual(call, {
      op: "aten::cat",
      inputs: [[2, 4], [2, 4]],
      outputs: [[2, 8]],
      bytes: 128,
    });
  });
});

Deno.test("threads can be set; a number below one is refused", () => {
  const before = getThreads();
  setThreads(1);
  assert.equal(getThreads(), 1);
  setThreads(before);
  assert.throws(() => setThreads(0), /number of threads is 0, expected 1 or more/);
});

Deno.test("memoryStats tells the process's memory on the CPU", () => {
  using _x = zeros([1000]);
  const stats = memoryStats();
  assert.ok(stats.allocated >= 4000);
  assert.ok(stats.peakReserved >= stats.reserved / 2 && stats.reserved > 1e7);
});

Deno.test({
  name: "a missing CUDA device is named",
  ignore: cudaAvailable(),
  fn() {
    assert.throws(() => requireDevice("cuda"), /device is "cuda", but 0 CUDA devices are there/);
    requireDevice("cpu");
    requireDevice("meta");
  },
});
