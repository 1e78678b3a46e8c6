import assert from "node:assert/strict";
import { ConfigError, InputError } from "../../../lib/errors.ts";
import {
  gridFlow,
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  parseIsaDitConfig,
  startFrom,
} from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  cat,
  liveTensors,
  narrow,
  noGrad,
  reshape,
  scope,
  type Tensor,
  tensor,
  toArray,
} from "../../../lib/tensor/mod.ts";
import {
  B,
  C,
  config as isa,
  fillByName,
  h,
  inputs,
  K,
  P,
  T,
  w,
  waves,
} from "../../support/isa_dit_formula.ts";

const config = parseIsaDitConfig({ ...isa, control: "normals" });

/** Both clips of the fixture with their subjects, and normal maps. */
function told(change: Partial<IsaDitConditions> = {}): IsaDitConditions {
  const normals = waves(11, B, C, T, h, w);
  return { ...inputs().conditions, subjectGiven: tensor([1, 1]), normals, ...change };
}

function flow(conditions: () => IsaDitConditions, settings: IsaDitConfig = config): number[] {
  using vars = Vars.root();
  const model = new IsaDit(vars, settings);
  fillByName(vars, 2);
  return scope(() =>
    noGrad(() => {
      const { noisy, t } = inputs();
      return [...toArray(model.forward(noisy, t, model.encode(conditions()))) as Float32Array];
    })
  );
}

const other = () => waves(12, B, C, T, h, w);

Deno.test("normals: their channels come last in the patch embedding, and nothing of ISA is built", () => {
  using vars = Vars.root({ device: "meta" });
  new IsaDit(vars, config);
  using plain = Vars.root({ device: "meta" });
  new IsaDit(plain, isa);
  const [names, known] = [[...vars.named().keys()], [...plain.named().keys()]];
  const ofPoints = /^(body_tokens|isa_blocks|point_temporal_blocks|shared_point_modulation)\./;
  assert.deepEqual(names, known.filter((name) => !ofPoints.test(name)));
  assert.ok(known.length > names.length);
  assert.equal(vars.named().get("pos_embed.proj.weight")!.shape[1], 4 * C + 1);
});

Deno.test("normals: the flow follows the maps, each clip its own, and not the points", () => {
  const before = liveTensors();
  const flows = flow(() => told());
  const half = flows.length / B;
  const changed = flow(() => told({ normals: other() }));
  assert.notDeepEqual(changed.slice(0, half), flows.slice(0, half));
  assert.notDeepEqual(changed.slice(half), flows.slice(half));
  const points = () => ({ points: waves(14, B, K, P, 3), pointsNdc: waves(15, B, K, P, 3) });
  assert.deepEqual(flow(() => told(points())), flows);
  assert.equal(liveTensors(), before);
});

Deno.test("normals: the branch without a subject does not see them", () => {
  const without = (normals: () => IsaDitConditions["normals"]) =>
    flow(() => told({ subjectGiven: tensor([0, 1]), normals: normals() }));
  const [one, two] = [without(() => told().normals), without(other)];
  const half = one.length / B;
  assert.deepEqual(two.slice(0, half), one.slice(0, half));
  assert.notDeepEqual(two.slice(half), one.slice(half));
});

Deno.test("normals: a model of another control leaves them alone, and one of this misses them by name", () => {
  assert.deepEqual(
    flow(() => told(), isa),
    flow(() => told({ normals: undefined }), isa),
  );
  const before = liveTensors();
  assert.throws(
    () => flow(() => told({ normals: undefined })),
    (error) =>
      error instanceof ConfigError &&
      /reads "normals", which the conditions lack/.test(error.message),
  );
  assert.equal(liveTensors(), before);
});

Deno.test("normals beside 3D tokens: begun with weights that know none, they change nothing until they learn", () => {
  const both = parseIsaDitConfig({ ...isa, control: "both" });
  using known = Vars.root();
  new IsaDit(known, isa);
  fillByName(known, 2);
  using vars = Vars.root();
  const model = new IsaDit(vars, both);
  assert.deepEqual(startFrom(vars, both, known.named()), []);
  const run = () =>
    scope(() =>
      noGrad(() => {
        const { noisy, t } = inputs();
        return [...toArray(model.forward(noisy, t, model.encode(told()))) as Float32Array];
      })
    );
  const plain = flow(() => told(), isa);
  run().forEach((value, i) => assert.ok(Math.abs(value - plain[i]) < 1e-5));
  fillByName(vars, 2);
  const full = run();
  assert.ok(full.some((value, i) => Math.abs(value - plain[i]) > 1e-3));
  assert.notDeepEqual(flow(() => told({ normals: other() }), both), full);
  assert.notDeepEqual(flow(() => told({ points: waves(14, B, K, P, 3) }), both), full);
  assert.throws(
    () => startFrom(known, isa, vars.named()),
    (error) => error instanceof InputError && /pos_embed.proj.weight/.test(error.message),
  );
});

Deno.test("normals: with SCD they are the target's alone", () => {
  const scd = parseIsaDitConfig({ ...config, identity: "scd" });
  using vars = Vars.root();
  const model = new IsaDit(vars, scd);
  fillByName(vars, 2);
  scope(() =>
    noGrad(() => {
      const keys = (normals: Tensor) =>
        model.encode(told({ normals })).reference!.layers.map(({ k_BNSH }) => toArray(k_BNSH));
      assert.deepEqual(keys(told().normals!), keys(other()));
    })
  );
  assert.notDeepEqual(flow(() => told(), scd), flow(() => told({ normals: other() }), scd));
});

Deno.test("normals: each of several views at once has its own", () => {
  using vars = Vars.root();
  const model = new IsaDit(vars, parseIsaDitConfig({ ...config, views: "apart" }));
  fillByName(vars, 2);
  const run = (normals: () => Tensor) =>
    scope(() =>
      noGrad(() => {
        const noisy = reshape(inputs().noisy, [1, B, C, T, h, w]);
        const encoded = model.encode(told({ normals: normals() }));
        return [...toArray(gridFlow(model, noisy, tensor([[0.3, 0.8]]), encoded)) as Float32Array];
      })
    );
  const maps = (seed: number) => () =>
    cat([narrow(waves(11, B, C, T, h, w), 0, 0, 1), waves(seed, 1, C, T, h, w)], 0);
  const [one, two] = [run(maps(12)), run(maps(13))];
  const half = one.length / B;
  assert.notDeepEqual(two.slice(half), one.slice(half));
});
