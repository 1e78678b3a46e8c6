import assert from "node:assert/strict";
import {
  type EncodedConditions,
  IsaDit,
  type IsaDitConditions,
  parseIsaDitConfig,
  type ReferenceCache,
} from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  cat,
  liveTensors,
  narrow,
  noGrad,
  scope,
  type Tensor,
  toArray,
} from "../../../lib/tensor/mod.ts";
import {
  B,
  C,
  config,
  fillByName,
  h,
  inputs,
  K,
  largestDifference,
  P,
  T,
  w,
  waves,
} from "../../support/isa_dit_formula.ts";
import fixture from "../../fixtures/isa_dit/scd.json" with { type: "json" };

const scd = parseIsaDitConfig({ ...config, identity: "scd" });

/** A model with the fixture's weights. */
function withModel<R>(body: (model: IsaDit) => R): R {
  using vars = Vars.root();
  const model = new IsaDit(vars, scd);
  fillByName(vars, 2);
  return scope(() => noGrad(() => body(model)));
}

/** The fixture's conditions: two persons' references. */
function twoPersons(change: Partial<IsaDitConditions> = {}): IsaDitConditions {
  return { ...inputs().conditions, otherReferences: waves(9, B, 1, C, h, w), ...change };
}

const numbers = (x: Tensor) => toArray(x) as Float32Array;
const first = <T extends { length: number; subarray(from: number, to: number): T }>(x: T) =>
  x.subarray(0, x.length / B);

function keys(cache: ReferenceCache | undefined): Float32Array[] {
  assert.ok(cache);
  return cache.layers.flatMap(({ k_BNSH, v_BNSH }) => [numbers(k_BNSH), numbers(v_BNSH)]);
}

const run = (model: IsaDit, encoded: EncodedConditions) =>
  numbers(model.forward(inputs().noisy, inputs().t, encoded));

Deno.test("SCD: equals a plain PyTorch implementation that attends to all tokens under a causal mask", () => {
  const out = withModel((model) => run(model, model.encode(twoPersons())));
  assert.ok(largestDifference(out, fixture.output) < 5e-5);
});

Deno.test("SCD: the reference's keys and values are the same bits whatever the target is", () => {
  withModel((model) => {
    const still = keys(model.encode(twoPersons()).reference);
    const other = twoPersons({
      background: waves(16, B, C, T, h, w),
      points: waves(14, B, K, P, 3),
      plucker: waves(17, B, 12, T, h, w),
      image: waves(18, B, 3, 8, 8),
    });
    const changed = model.encode(other);
    const run = [waves(21, B, C, T, h, w), inputs().t] as const;
    model.forward(...run, changed);
    assert.deepEqual(keys(changed.reference), still);
  });
});

Deno.test("SCD: one person's reference never changes what is read of another's", () => {
  withModel((model) => {
    const [before, after] = [9, 19].map((seed) => {
      const { layers } = model.added.scd!.extract(
        model,
        twoPersons({ otherReferences: waves(seed, B, 1, C, h, w) }),
      );
      const { k_BNSH } = layers.at(-1)!;
      const all = numbers(k_BNSH);
      return { shape: k_BNSH.shape, all };
    });
    // Per sample and head, the first person's tokens come first.
    const [, , S, H] = before.shape;
    const persons = (all: Float32Array, person: number) =>
      all.filter((_, i) => Math.floor((i % (S * H)) / (S * H / 2)) === person);
    assert.deepEqual(persons(before.all, 0), persons(after.all, 0));
    assert.notDeepEqual(persons(before.all, 1), persons(after.all, 1));
  });
});

Deno.test("SCD: reading a cache equals going through stage one in each step", () => {
  withModel((model) => {
    const encoded = model.encode(twoPersons());
    const again = model.added.scd!.extract(model, twoPersons());
    const [cached, uncached] = [
      run(model, encoded),
      run(model, { ...encoded, reference: again }),
    ];
    assert.ok(largestDifference(cached, uncached) < 1e-5);
  });
});

Deno.test("SCD: one clip's cache serves both branches of guidance", () => {
  const two = withModel((model) => {
    const conditions = twoPersons();
    const alone = model.added.scd!.extract(model, firstSample(conditions));
    return [
      run(model, model.encode(bothBranches(conditions))),
      run(model, model.encode(bothBranches(conditions), { reference: alone })),
    ];
  });
  assert.ok(largestDifference(two[0], two[1]) < 1e-5);
});

Deno.test("SCD: without its subject a sample ignores every reference, with it each one counts", () => {
  withModel((model) => {
    const before = run(model, model.encode(twoPersons()));
    for (
      const change of [
        { reference: waves(12, B, C, h, w) },
        { otherReferences: waves(19, B, 1, C, h, w) },
      ]
    ) {
      const after = run(model, model.encode(twoPersons(change)));
      assert.ok(largestDifference(first(before), first(after)) > 1e-4);
      const rest = first(before).length;
      assert.deepEqual(after.subarray(rest), before.subarray(rest));
    }
  });
});

Deno.test("SCD: fresh parts beside given weights compute what the model without them computes", () => {
  using plainVars = Vars.root();
  const plain = new IsaDit(plainVars, config);
  fillByName(plainVars);
  using vars = Vars.root({ seed: 5 });
  const model = new IsaDit(vars, scd);
  const state = new Map([...plainVars.named()]);
  assert.deepEqual(vars.load(state, { strict: false }).unexpected, []);
  scope(() =>
    noGrad(() => {
      const before = run(plain, plain.encode(twoPersons()));
      assert.deepEqual(run(model, model.encode(twoPersons())), before);
    })
  );
});

Deno.test("SCD: more references than the model tells persons apart are refused", () => {
  withModel((model) => {
    const conditions = twoPersons({ otherReferences: waves(9, B, 4, C, h, w) });
    assert.throws(
      () => model.encode(conditions),
      /5 references, the model distinguishes 4 persons/,
    );
  });
});

Deno.test("SCD: leaves no tensor behind", () => {
  const before = liveTensors();
  withModel((model) => void run(model, model.encode(twoPersons())));
  assert.equal(liveTensors(), before);
});

/** The first sample alone. */
function firstSample(conditions: IsaDitConditions): IsaDitConditions {
  return mapTensors(conditions, (x) => narrow(x, 0, 0, 1));
}

/** The first sample twice, with its subject and without. */
function bothBranches(conditions: IsaDitConditions): IsaDitConditions {
  const { subjectGiven } = conditions;
  return { ...mapTensors(firstSample(conditions), (x) => cat([x, x], 0)), subjectGiven };
}

function mapTensors(
  conditions: IsaDitConditions,
  change: (x: Tensor) => Tensor,
): IsaDitConditions {
  const entries = Object.entries(conditions).map(([name, value]) => [name, value && change(value)]);
  return Object.fromEntries(entries) as unknown as IsaDitConditions;
}
