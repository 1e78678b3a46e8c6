import { deepEqual, equal } from "node:assert/strict";
import { Conv3d, Linear, Vars } from "../../lib/nn/mod.ts";
import {
  add,
  autocast,
  cat,
  type Device,
  type DType,
  MemoryTrace,
  mul,
  narrow,
  noGrad,
  ones,
  placeOf,
  rehearse,
  reshape,
  scope,
  silu,
  transpose,
  zeros,
} from "../../lib/tensor/mod.ts";

const KB = 1024;

for (const device of ["cpu", "meta"] as const) {
  Deno.test(`memory trace on ${device}: the peak counts what lives at once, and views nothing`, () => {
    const trace = new MemoryTrace();
    using kept = trace.run(() =>
      scope(() => {
        const a = zeros([256], { device }); // 1 kB
        const b = add(a, 1); // 2 kB
        const view = reshape(transpose(reshape(b, [16, 16]), 0, 1), [256]); // a copy: 3 kB
        using half = narrow(view, 0, 0, 128);
        return mul(half, 2); // half a kB more
      })
    );
    equal(kept.numel, 128);
    deepEqual([trace.peak, trace.live], [3.5 * KB, 0.5 * KB]);
    trace.resetPeak();
    trace.run(() => kept.dispose());
    deepEqual([trace.peak, trace.live], [0.5 * KB, 0]);
  });
}

Deno.test("memory trace: what was there before counts nothing, nor do its views", () => {
  using weight = ones([16, 16]);
  const trace = new MemoryTrace({ resident: [weight] });
  trace.run(() =>
    scope(() => {
      using view = transpose(weight, 0, 1);
      add(view, 1);
    })
  );
  equal(trace.peak, KB);
});

Deno.test("memory trace: an operator's own memory is added while it runs", () => {
  const seen: string[] = [];
  const trace = new MemoryTrace({
    onCall: ({ op }) => seen.push(op),
    workspace: ({ op }) => op === "aten::silu" ? 5000 : 0,
  });
  trace.run(() => scope(() => silu(zeros([256]))));
  equal(trace.peak, 2 * KB + 5000);
  deepEqual(seen, ["aten::zeros", "aten::silu"]);
});

/** The peak of a small net on a device. */
function netPeak(device: Device, dtype: DType): number {
  using vars = Vars.root({ device });
  const conv = new Conv3d(vars.sub("conv"), 3, 8, { kernel: 3, padding: 1 });
  const linear = new Linear(vars.sub("linear"), 16, 24);
  const resident = [...vars.named()].map(([, variable]) => variable);
  const trace = new MemoryTrace({ resident });
  trace.run(() =>
    noGrad(() =>
      autocast({ device, dtype, enabled: dtype !== "float32" }, () =>
        scope(() => {
          const x = conv.forward(zeros([1, 3, 4, 16, 16], { device }));
          return cat([linear.forward(x), linear.forward(silu(x))], 1);
        }))
    )
  );
  return trace.peak;
}

Deno.test("memory trace: meta holds at once what the CPU holds", () => {
  equal(netPeak("meta", "float32"), netPeak("cpu", "float32"));
  // Casts inside an operator show on meta and not on the CPU: all of the input and of the weight.
  const [meta, cpu] = [netPeak("meta", "bfloat16"), netPeak("cpu", "bfloat16")];
  equal(meta >= cpu && meta < 1.5 * cpu, true, `${meta} ${cpu}`);
});

Deno.test("rehearsal: a tensor on meta stands for one elsewhere", () => {
  using x = zeros([2], { device: "meta" });
  using y = zeros([2]);
  equal(rehearse("cuda", () => placeOf(x)), "cuda");
  deepEqual([placeOf(x), rehearse("cuda", () => placeOf(y))], ["cpu", "cpu"]);
});
