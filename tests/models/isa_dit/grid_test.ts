import assert from "node:assert/strict";
import {
  gridFlow,
  gridStreams,
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
} from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  add_,
  cat,
  copy_,
  expand,
  generator,
  grad,
  indexSelect,
  liveTensors,
  mean,
  mul,
  narrow,
  noGrad,
  randn,
  reshape,
  scope,
  Tensor,
  tensor,
  toArray,
  zero_,
} from "../../../lib/tensor/mod.ts";
import {
  C,
  config,
  fillByName,
  h,
  inputs,
  largestDifference,
  T,
  w,
} from "../../support/isa_dit_formula.ts";
import fixture from "../../fixtures/isa_dit/grid.json" with { type: "json" };

type Views = Exclude<IsaDitConfig["views"], "none">;

interface GridInputs {
  readonly noisy: Tensor;
  readonly t: Tensor;
  readonly conditions: IsaDitConditions;
}

/** The formula's two clips as the two views of one scene. */
function scene(): GridInputs {
  const { noisy, t, conditions } = inputs();
  return { noisy: reshape(noisy, [1, 2, C, T, h, w]), t: reshape(t, [1, 2]), conditions };
}

/** A model by formula; `prepare` may change its weights. */
function withModel<R>(
  settings: Partial<IsaDitConfig>,
  body: (model: IsaDit, vars: Vars) => R,
  prepare: (vars: Vars) => void = fillByName,
): R {
  using vars = Vars.root({ seed: 5 });
  const model = new IsaDit(vars, { ...config, ...settings });
  prepare(vars);
  return scope(() => noGrad(() => body(model, vars)));
}

const flowOf = (model: IsaDit, { noisy, t, conditions }: GridInputs): Float32Array =>
  toArray(gridFlow(model, noisy, t, model.encode(conditions))) as Float32Array;

/** Gives the second of two slices of `x` along `dim` other values. */
function changeSecond(x: Tensor, dim: number): Tensor {
  const size = x.shape[dim];
  using random = generator(7, "cpu");
  const other = randn(x.shape, { generator: random });
  return cat([narrow(x, dim, 0, 1), narrow(other, dim, 1, size - 1)], dim);
}

/** Sets how far view streams still go along time. */
function setAlongTime(vars: Vars, value: number): void {
  for (const [name, parameter] of vars.parameters()) {
    if (name.endsWith("along_time")) copy_(parameter, scope(() => tensor([value])));
  }
}

for (const views of ["hard", "soft", "apart"] as const) {
  Deno.test(`grid: ${views} equals a plain PyTorch implementation with a dense mask`, () => {
    const flow = withModel({ views }, (model) => flowOf(model, scene()));
    assert.ok(largestDifference(flow, fixture[views]) < 2e-5);
  });

  Deno.test(`grid: a fresh ${views} one computes for each view what the plain model does`, () => {
    // The plain part has the formula's weights, the views' own parts their first ones.
    const fresh = (vars: Vars) => {
      using plain = Vars.root();
      new IsaDit(plain, config);
      fillByName(plain);
      vars.load(plain.save(), { strict: false });
    };
    const flow = withModel({ views }, (model) => flowOf(model, scene()), fresh);
    const plain = withModel({}, (model) => {
      const { noisy, t, conditions } = inputs();
      return toArray(model.forward(noisy, t, model.encode(conditions))) as Float32Array;
    });
    assert.ok(largestDifference(flow, plain) < 1e-6);
  });

  Deno.test(`grid: ${views}, one scene never changes another`, () => {
    withModel({ views }, (model) => {
      const one = scene();
      const twice = (x: Tensor) => cat([x, x], 0);
      const both = {
        noisy: changeSecond(twice(one.noisy), 0),
        t: twice(one.t),
        conditions: Object.fromEntries(
          Object.entries(one.conditions).map((
            [name, x],
          ) => [name, x instanceof Tensor ? twice(x) : x]),
        ) as unknown as IsaDitConditions,
      };
      const alone = flowOf(model, one);
      const together = flowOf(model, both);
      assert.ok(largestDifference(together.subarray(0, alone.length), alone) < 1e-5);
      assert.ok(largestDifference(together.subarray(alone.length), alone) > 1e-3);
    });
  });
}

Deno.test("grid: without synchronisation a view never changes another's time stream", () => {
  withModel({ views: "apart" }, (model) => {
    const { noisy, t, conditions } = scene();
    const encoded = model.encode(conditions);
    const before = gridStreams(model, noisy, t, encoded);
    const after = gridStreams(model, changeSecond(noisy, 1), t, encoded);
    const ofView = (x: Tensor, view: number) => toArray(narrow(x, 0, view, 1)) as Float32Array;
    const moved = (view: number, stream: "time" | "view") =>
      largestDifference(ofView(before[stream].x_BTLD, view), ofView(after[stream].x_BTLD, view));
    assert.equal(moved(0, "time"), 0);
    assert.ok(moved(1, "time") > 1e-3);
    assert.ok(moved(0, "view") > 1e-5);
  });
});

Deno.test("grid: without synchronisation an instant never changes another's view stream", () => {
  withModel({ views: "apart" }, (model, vars) => {
    setAlongTime(vars, 0);
    const { noisy, t, conditions } = scene();
    const encoded = model.encode(conditions);
    const before = gridStreams(model, noisy, t, encoded);
    const after = gridStreams(model, changeSecond(noisy, 3), t, encoded);
    const first = (x: Tensor) => toArray(narrow(x, 1, 0, 1)) as Float32Array;
    const moved = (stream: "time" | "view") =>
      largestDifference(first(before[stream].x_BTLD), first(after[stream].x_BTLD));
    assert.equal(moved("view"), 0);
    assert.ok(moved("time") > 1e-5);
  });
});

for (const views of ["hard", "soft"] as const) {
  Deno.test(`grid: with ${views} synchronisation all views and instants hear of each other`, () => {
    withModel({ views }, (model) => {
      const { noisy, t, conditions } = scene();
      const encoded = model.encode(conditions);
      const before = gridStreams(model, noisy, t, encoded);
      // View 1's last latent frame changes; view 0's first one is looked at.
      const last = changeSecond(changeSecond(noisy, 1), 3);
      const other = cat([narrow(noisy, 1, 0, 1), narrow(last, 1, 1, 1)], 1);
      const after = gridStreams(model, other, t, encoded);
      const corner = (x: Tensor) => toArray(narrow(narrow(x, 0, 0, 1), 1, 0, 1)) as Float32Array;
      for (const stream of ["time", "view"] as const) {
        const moved = largestDifference(
          corner(before[stream].x_BTLD),
          corner(after[stream].x_BTLD),
        );
        assert.ok(moved > 1e-6, `${stream}: ${moved}`);
      }
    });
  });
}

Deno.test("grid: a soft one whose exchange is taken away has independent streams again", () => {
  withModel({ views: "soft" }, (model, vars) => {
    for (const [name, parameter] of vars.parameters()) {
      if (name.startsWith("view_sync.")) zero_(parameter);
    }
    const { noisy, t, conditions } = scene();
    const encoded = model.encode(conditions);
    const before = gridStreams(model, noisy, t, encoded);
    const after = gridStreams(model, changeSecond(noisy, 1), t, encoded);
    const first = (x: Tensor) => toArray(narrow(x, 0, 0, 1)) as Float32Array;
    assert.equal(largestDifference(first(before.time.x_BTLD), first(after.time.x_BTLD)), 0);
  });
});

Deno.test("grid: views have no order but that of their cameras", () => {
  withModel({ views: "hard" }, (model) => {
    const { noisy, t, conditions } = scene();
    const flow = reshape(gridFlow(model, noisy, t, model.encode(conditions)), [2, -1]);
    const swap = (x: Tensor, dim: number) =>
      indexSelect(x, dim, tensor([1, 0], { dtype: "int64" }));
    const swapped = Object.fromEntries(
      Object.entries(conditions).map(([name, x]) => [name, x instanceof Tensor ? swap(x, 0) : x]),
    ) as unknown as IsaDitConditions;
    const other = gridFlow(model, swap(noisy, 1), swap(t, 1), model.encode(swapped));
    const back = swap(reshape(other, [2, -1]), 0);
    assert.ok(
      largestDifference(toArray(flow) as Float32Array, toArray(back) as Float32Array) < 1e-5,
    );
  });
});

Deno.test("grid: a single view is the plain model, whatever was learned about views", () => {
  withModel({ views: "soft" }, (model) => {
    const { noisy, t, conditions } = inputs();
    const encoded = model.encode(conditions);
    const plain = model.forward(noisy, t, encoded);
    const single = gridFlow(model, reshape(noisy, [2, 1, C, T, h, w]), reshape(t, [2, 1]), encoded);
    assert.deepEqual(single.shape, [2, 1, C, T, h, w]);
    assert.equal(
      largestDifference(toArray(plain) as Float32Array, toArray(single) as Float32Array),
      0,
    );
  });
});

Deno.test("grid: flow times of single latent frames are those of the whole where they are equal", () => {
  withModel({ views: "hard" }, (model) => {
    const { noisy, t, conditions } = scene();
    const each = expand(reshape(t, [1, 2, 1]), [1, 2, T]);
    const flow = flowOf(model, { noisy, t, conditions });
    assert.ok(largestDifference(flowOf(model, { noisy, t: each, conditions }), flow) < 1e-5);
    const given = tensor([0, 0.3, 0.3, 0.8, 0.8, 0.8], { shape: [1, 2, T] });
    assert.ok(largestDifference(flowOf(model, { noisy, t: given, conditions }), flow) > 1e-4);
  });
});

for (const change of [{ identity: "scd" }, { temporal: "swap" }] as const) {
  const [[name, value]] = Object.entries(change);
  Deno.test(`grid: goes with ${name} ${value}: fresh, each view is the plain model's`, () => {
    const wake = (vars: Vars) => {
      fillByName(vars);
      for (const [name, parameter] of vars.parameters()) {
        if (/^shared_view|^view_.*table/.test(name)) noGrad(() => zero_(parameter));
        if (name.endsWith("along_time")) noGrad(() => add_(zero_(parameter), 1));
      }
    };
    const plain = withModel(change, (model) => {
      const { noisy, t, conditions } = inputs();
      return toArray(model.forward(noisy, t, model.encode(conditions))) as Float32Array;
    });
    const flow = withModel({ ...change, views: "hard" }, (model) => flowOf(model, scene()), wake);
    assert.ok(largestDifference(flow, plain) < 1e-6);
  });
}

Deno.test("grid: gradients reach every parameter of the views", () => {
  using vars = Vars.root();
  const model = new IsaDit(vars, { ...config, views: "soft" });
  fillByName(vars);
  scope(() => {
    const { noisy, t, conditions } = scene();
    const flow = gridFlow(model, noisy, t, model.encode(conditions));
    const own = [...vars.parameters()].filter(([name]) => name.includes("view"));
    const gradients = grad([mean(mul(flow, flow))], own.map(([, parameter]) => parameter));
    for (const [index, [name]] of own.entries()) {
      const size = Math.max(...Array.from(toArray(gradients[index]!) as Float32Array, Math.abs));
      assert.ok(size > 0, name);
    }
  });
});

Deno.test("grid: leaves no tensor behind", () => {
  const before = liveTensors();
  for (const views of ["hard", "soft", "apart"] satisfies Views[]) {
    withModel({ views }, (model) => flowOf(model, scene()));
  }
  assert.equal(liveTensors(), before);
});
