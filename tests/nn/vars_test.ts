import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { ConfigError, InputError } from "../../lib/errors.ts";
import {
  constantInit,
  kaimingUniform,
  Linear,
  normalInit,
  oneInit,
  Vars,
  xavierUniform,
  zeroInit,
} from "../../lib/nn/mod.ts";
import {
  full,
  item,
  liveTensors,
  ones,
  scope,
  std,
  type Tensor,
  tensor,
  toArray,
} from "../../lib/tensor/mod.ts";

function values(x: Tensor): number[] {
  return Array.from(toArray(x) as Float32Array);
}

Deno.test("Vars: names are dotted paths from where they are asked", () => {
  using vars = Vars.root();
  const block = vars.sub("blocks").sub(1);
  new Linear(block.sub("to_out.0"), 2, 3);
  block.buffer("scale", [1], oneInit);
  deepEqual([...vars.named().keys()], [
    "blocks.1.to_out.0.weight",
    "blocks.1.to_out.0.bias",
    "blocks.1.scale",
  ]);
  deepEqual([...block.named().keys()], ["to_out.0.weight", "to_out.0.bias", "scale"]);
  deepEqual([...block.parameters().keys()], ["to_out.0.weight", "to_out.0.bias"]);
  equal(vars.countParameters(), 9);
});

Deno.test("Vars: a path taken twice is an error that names it", () => {
  using vars = Vars.root();
  new Linear(vars.sub("a.b"), 2, 2);
  throws(() => new Linear(vars.sub("a").sub("b"), 2, 2), (error: Error) => {
    ok(error instanceof ConfigError);
    equal(error.message, 'variable "a.b.weight" exists already');
    return true;
  });
  throws(() => vars.sub(""), /a part of it is empty/);
});

Deno.test("Vars: a path is not mistaken for one that begins like it", () => {
  using vars = Vars.root();
  vars.parameter("blocks.1.weight", [1], zeroInit);
  vars.parameter("blocks.10.weight", [2], zeroInit);
  deepEqual([...vars.sub("blocks.1").named().keys()], ["weight"]);
  scope(() => {
    const state = new Map([["m.blocks.1.weight", ones([1])], ["m.blocks.10.weight", ones([2])]]);
    vars.sub("blocks.1").load(state, { prefix: "m.blocks.1" });
  });
  deepEqual(values(vars.named().get("blocks.1.weight")!), [1]);
  deepEqual(values(vars.named().get("blocks.10.weight")!), [0, 0]);
});

Deno.test("Vars: initial values depend on the seed and the own path alone", () => {
  const weights = (seed: number, others: boolean): number[] => {
    using vars = Vars.root({ seed });
    if (others) new Linear(vars.sub("other"), 3, 3);
    return values(new Linear(vars.sub("one"), 3, 3).weight);
  };
  deepEqual(weights(1, false), weights(1, true));
  notDeepEqual(weights(1, false), weights(2, false));
  using vars = Vars.root({ seed: 1 });
  notDeepEqual(
    values(new Linear(vars.sub("one"), 3, 3).weight),
    values(new Linear(vars.sub("two"), 3, 3).weight),
  );
});

Deno.test("Vars: initial values have the spread that they should", () => {
  using vars = Vars.root({ seed: 5 });
  const spread = (x: Tensor): number => {
    using s = std(x);
    return item(s);
  };
  const near = (a: number, b: number) => ok(Math.abs(a / b - 1) < 0.1, `${a}, expected ${b}`);
  near(spread(vars.parameter("normal", [2000], normalInit(0.02))), 0.02);
  near(spread(new Linear(vars.sub("linear"), 64, 64).weight), 1 / 8 / Math.sqrt(3));
  near(spread(vars.parameter("relu", [2000], kaimingUniform(50, 0))), Math.sqrt(2 / 50));
  near(spread(vars.parameter("xavier", [2000], xavierUniform(30, 20))), Math.sqrt(2 / 50));
  using given = tensor([1, 2, 3]);
  deepEqual(values(vars.parameter("given", [3], constantInit(given))), [1, 2, 3]);
  throws(() => vars.parameter("wrong", [4], constantInit(given)), /"wrong" has shape \[3\]/);
});

Deno.test("Vars: load lists missing, unexpected and wrongly shaped keys together", () => {
  using vars = Vars.root();
  vars.parameter("a", [2], zeroInit);
  vars.parameter("b", [2], zeroInit);
  vars.parameter("d", [2], zeroInit);
  scope(() => {
    const state = new Map([["a", ones([3])], ["c", ones([2])], ["d", ones([2])]]);
    throws(() => vars.load(state), (error: Error) => {
      ok(error instanceof InputError);
      equal(
        error.message,
        "weights do not fit: 1 missing (b); 1 unexpected (c); " +
          "1 of another shape (a: [3], expected [2])",
      );
      return true;
    });
    deepEqual(values(vars.named().get("d")!), [0, 0]);
    state.delete("a");
    deepEqual(vars.load(state, { strict: false }), { missing: ["a", "b"], unexpected: ["c"] });
    deepEqual(values(vars.named().get("d")!), [1, 1]);
  });
});

Deno.test("Vars: what is saved loads again, bit for bit and into another type", () => {
  using one = Vars.root({ seed: 1 });
  using two = Vars.root({ seed: 2 });
  using half = Vars.root({ seed: 2, dtype: "bfloat16" });
  const source = new Linear(one.sub("layer"), 4, 4);
  const target = new Linear(two.sub("layer"), 4, 4);
  const coarse = new Linear(half.sub("layer"), 4, 4);
  two.load(one.save());
  half.load(one.save());
  deepEqual(values(target.weight), values(source.weight));
  equal(coarse.weight.dtype, "bfloat16");
  ok(Math.abs(values(coarse.weight)[0] - values(source.weight)[0]) < 0.004);
  ok(target.weight.requiresGrad);
});

Deno.test("Vars: on the meta device parameters are counted, not held", () => {
  using vars = Vars.root({ device: "meta" });
  new Linear(vars.sub("huge"), 1_000_000, 1_000_000);
  equal(vars.countParameters(), 1e12 + 1e6);
  throws(() => vars.load(new Map()), /meta device/);
});

Deno.test("Vars: parameters outlive the scope they were made in, and dispose frees them", () => {
  const before = liveTensors();
  const vars = Vars.root();
  scope(() => {
    new Linear(vars.sub("a"), 2, 2);
    new Linear(vars.sub("b"), 2, 2);
  });
  equal(liveTensors(), before + 4);
  vars.sub("a").dispose();
  deepEqual([...vars.named().keys()], ["b.weight", "b.bias"]);
  vars.dispose();
  vars.dispose();
  equal(liveTensors(), before);
});

Deno.test("Vars: frozen parameters want no gradient", () => {
  using vars = Vars.root();
  const layer = new Linear(vars.sub("a"), 2, 2);
  vars.setRequiresGrad(false);
  equal(layer.weight.requiresGrad, false);
  vars.sub("a").setRequiresGrad(true);
  equal(layer.weight.requiresGrad, true);
});

Deno.test("Vars: what a file will give is not drawn, and is missed even where others may be", () => {
  using whole = Vars.root({ seed: 1 });
  new Linear(whole.sub("a"), 3, 2);
  new Linear(whole.sub("b"), 3, 2);
  using vars = Vars.root({ seed: 1, given: (path) => path.startsWith("a.") });
  let drawn = 0;
  vars.sub("a").parameter("weight", [2, 3], {
    kind: "computed",
    make: () => {
      drawn++;
      return full([2, 3], 1);
    },
  });
  const b = new Linear(vars.sub("b"), 3, 2);
  equal(drawn, 0);
  deepEqual(values(b.weight), values(whole.named().get("b.weight")!));
  throws(() => vars.load(new Map(), { strict: false }), /1 missing \(a\.weight\)$/);
  const state = new Map([["a.weight", { shape: [2, 3], open: () => full([2, 3], 7) }]]);
  const before = liveTensors();
  deepEqual(vars.load(state, { strict: false }).missing, ["b.weight", "b.bias"]);
  equal(liveTensors(), before);
  deepEqual(values(vars.named().get("a.weight")!), Array(6).fill(7));
});

Deno.test("Vars: a state can be checked on the meta device, by names and sizes", () => {
  using vars = Vars.root({ device: "meta" });
  new Linear(vars.sub("a"), 3, 2);
  const state = new Map([["a.weight", { shape: [2, 3] }], ["a.bias", { shape: [2] }]]);
  deepEqual(vars.check(state), { missing: [], unexpected: [] });
  state.set("a.bias", { shape: [3] });
  throws(() => vars.check(state), /1 of another shape \(a\.bias: \[3\], expected \[2\]\)/);
  state.delete("a.bias");
  throws(() => vars.check(state), /1 missing \(a\.bias\)/);
});
