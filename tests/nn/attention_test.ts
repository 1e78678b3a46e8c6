import { equal, ok, throws } from "node:assert/strict";
import { applyRotary, attend, Attention, Rotary1d, Vars } from "../../lib/nn/mod.ts";
import {
  generator,
  mul,
  narrow,
  noGrad,
  randn,
  scaledDotProductAttention,
  scope,
  sum,
  type Tensor,
  tensor,
  to,
  toArray,
} from "../../lib/tensor/mod.ts";
import { assertClose, relativeError } from "../support/fixtures.ts";

Deno.test("attend: plain operators and the fused kernel agree", () => {
  scope(() => {
    using random = generator(2, "cpu");
    const make = (length: number) => randn([2, 3, length, 8], { generator: random });
    const [q, k, v] = [make(4), make(5), make(5)];
    const mask = randn([2, 1, 4, 5], { generator: random });
    assertClose(attend(q, k, v), scaledDotProductAttention(q, k, v), 1e-6);
    const fused = scaledDotProductAttention(q, k, v, { attnMask: mask });
    assertClose(attend(q, k, v, { mask }), fused, 1e-6);
    const half = (x: Tensor) => to(x, { dtype: "bfloat16" });
    assertClose(attend(half(q), half(k), half(v), { mask: half(mask) }), fused, 2e-2);
  });
});

Deno.test("Attention: a masked key changes nothing", () => {
  using vars = Vars.root({ seed: 1 });
  const layer = new Attention(vars, 8, 2);
  noGrad(() =>
    scope(() => {
      using random = generator(1, "cpu");
      const x = randn([1, 3, 8], { generator: random });
      const context = randn([1, 4, 8], { generator: random });
      const keyMask = tensor([true, true, true, false].map(Number), {
        shape: [1, 4],
        dtype: "bool",
      });
      const masked = layer.forward(x, { context, keyMask });
      const cut = layer.forward(x, { context: narrow(context, 1, 0, 3) });
      assertClose(masked, cut, 1e-6);
    })
  );
});

Deno.test("Attention: with every key masked the result is the output bias", () => {
  using vars = Vars.root({ seed: 1 });
  const layer = new Attention(vars, 8, 2);
  noGrad(() =>
    scope(() => {
      const x = randn([1, 2, 8]);
      const keyMask = tensor([0, 0], { shape: [1, 2], dtype: "bool" });
      const result = layer.forward(x, { keyMask });
      for (const i of [0, 1]) {
        const row = toArray(narrow(result, 1, i, 1)) as Float32Array;
        const bias = toArray(layer.toOut.bias!) as Float32Array;
        ok(row.every((value, j) => Math.abs(value - bias[j]) < 1e-6), row.join());
      }
    })
  );
});

Deno.test("Attention: causal attention does not read later tokens", () => {
  using vars = Vars.root({ seed: 1 });
  const layer = new Attention(vars, 8, 2);
  noGrad(() =>
    scope(() => {
      const x = randn([1, 5, 8]);
      const whole = layer.forward(x, { causal: true });
      const begin = layer.forward(narrow(x, 1, 0, 3), { causal: true });
      assertClose(narrow(whole, 1, 0, 3), begin, 1e-6);
    })
  );
});

Deno.test("Attention: a width that does not split into the heads is named", () => {
  using vars = Vars.root();
  throws(() => new Attention(vars, 100, 16), /width 100 does not split into 16 heads/);
});

Deno.test("applyRotary: products depend on the distance of positions alone", () => {
  scope(() => {
    const rotary = new Rotary1d(8);
    const [q, k] = [randn([4, 8]), randn([4, 8])];
    const products = (start: number) => {
      const table = rotary.table(4, { start });
      return sum(mul(applyRotary(q, table), applyRotary(k, table)), { dim: [1] });
    };
    assertClose(products(100), products(0), 1e-4);
    equal(relativeError(applyRotary(q, rotary.table(4, { start: 3 })), q) > 0.1, true);
  });
  throws(() => new Rotary1d(5), /even head width, found 5/);
});
