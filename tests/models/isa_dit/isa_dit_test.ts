import assert from "node:assert/strict";
import {
  IsaDit,
  type IsaDitConditions,
  isaDitPresets,
  parseIsaDitConfig,
} from "../../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  copy_,
  liveTensors,
  noGrad,
  scope,
  type Tensor,
  tensor,
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
import fixture from "../../fixtures/isa_dit/isa_dit.json" with { type: "json" };

/** Runs a model with the formula's weights on `inputs()`, changed by `change`. */
function run(
  change: (c: IsaDitConditions) => Partial<IsaDitConditions> = () => ({}),
  settings = config,
): Float32Array {
  using vars = Vars.root();
  const model = new IsaDit(vars, settings);
  fillByName(vars);
  const out = scope(() =>
    noGrad(() => {
      const { noisy, t, conditions } = inputs();
      const changed = { ...conditions, ...change(conditions) };
      return model.forward(noisy, t, model.encode(changed));
    })
  );
  using result = out;
  return toArray(result) as Float32Array;
}

const sample = (out: Float32Array, index: number): Float32Array =>
  out.subarray(index * out.length / B, (index + 1) * out.length / B);

Deno.test("IsaDit: equals a plain PyTorch implementation of the paper's equations", () => {
  assert.ok(largestDifference(run(), fixture.output) < 2e-5);
});

Deno.test("IsaDit: leaves no tensor behind", () => {
  const before = liveTensors();
  run();
  assert.equal(liveTensors(), before);
});

Deno.test("IsaDit: without its subject a sample ignores body, reference and image", () => {
  const changed = run(() => ({
    points: waves(14, B, K, P, 3),
    pointsNdc: waves(15, B, K, P, 3),
    reference: waves(12, B, C, h, w),
    image: waves(18, B, 3, 8, 8),
  }));
  const before = run();
  assert.equal(largestDifference(sample(before, 1), sample(changed, 1)), 0);
  assert.ok(largestDifference(sample(before, 0), sample(changed, 0)) > 1e-3);
});

Deno.test("IsaDit: 2D tokens read no point that is behind the camera", () => {
  const settings = { ...config, interspatial: "rendering" as const, layers: 1 };
  const moved = run(({ pointsNdc }) => {
    const ndc = toArray(pointsNdc) as Float32Array;
    ndc.fill(9, (P + 2) * 3, (P + 2) * 3 + 3);
    return { pointsNdc: tensor(ndc, { shape: pointsNdc.shape }) };
  }, settings);
  assert.equal(largestDifference(run(undefined, settings), moved), 0);
});

/** `points` with those of latent frames [from, to) moved, as far as they are sample 0's. */
function bodyMoved(points: Tensor, [from, to]: readonly [number, number]): Tensor {
  const values = toArray(points) as Float32Array;
  const pose = P * 3;
  for (let i = from * K / T * pose; i < to * K / T * pose; i++) values[i] += Math.sin(i) + 0.5;
  return tensor(values, { shape: points.shape });
}

/** Sample 0's body shows in no pose of latent frames [from, to). */
function bodyHidden([from, to]: readonly [number, number]): Tensor {
  const front = new Float32Array(B * K * P).fill(1);
  front.fill(0, from * K / T * P, to * K / T * P);
  return tensor(front, { shape: [B, K, P] });
}

Deno.test("IsaDit: a body that never shows moves nothing of the picture", () => {
  const all = [0, T] as const;
  const at = (hidden: boolean, moved: boolean) =>
    run(({ points, pointsNdc }) => ({
      pointInFront: bodyHidden(hidden ? all : [0, 0]),
      points: moved ? bodyMoved(points, all) : points,
      pointsNdc: moved ? bodyMoved(pointsNdc, all) : pointsNdc,
    }));
  assert.equal(largestDifference(at(true, false), at(true, true)), 0);
  assert.ok(largestDifference(at(false, false), at(false, true)) > 1e-3);
});

Deno.test("IsaDit: a latent frame in which the body is hidden reads nothing of it", () => {
  // After one layer's temporal blocks come its interspatial ones: nothing else has passed it on yet.
  const settings = { ...config, layers: 1 };
  const frame = [1, 2] as const;
  const at = (hidden: boolean, moved: boolean) => {
    const out = run(({ points, pointsNdc }) => ({
      pointInFront: bodyHidden(hidden ? frame : [0, 0]),
      points: moved ? bodyMoved(points, frame) : points,
      pointsNdc: moved ? bodyMoved(pointsNdc, frame) : pointsNdc,
    }), settings);
    return sample(out, 0).filter((_, i) => Math.floor(i / (h * w)) % T === frame[0]);
  };
  assert.equal(largestDifference(at(true, false), at(true, true)), 0);
  assert.ok(largestDifference(at(false, false), at(false, true)) > 1e-4);
});

Deno.test("IsaDit: each condition that a switch removes has no effect any more", () => {
  const other: Record<string, () => Partial<IsaDitConditions>> = {
    identityPoints: () => ({ pointFeatures: waves(13, B, P, C) }),
    identityConcat: () => ({ reference: waves(12, B, C, h, w) }),
    identityGlobal: () => ({ image: waves(18, B, 3, 8, 8) }),
    camera: () => ({ plucker: waves(17, B, 12, T, h, w) }),
  };
  for (const [name, change] of Object.entries(other)) {
    assert.ok(largestDifference(run(), run(change)) > 1e-6, `${name} on`);
    const off = { ...config, [name]: false };
    assert.equal(largestDifference(run(undefined, off), run(change, off)), 0, `${name} off`);
  }
});

Deno.test("IsaDit: ISPE off makes attention blind to where points are on the picture", () => {
  const change = () => ({ pointsNdc: waves(15, B, K, P, 3) });
  assert.ok(largestDifference(run(), run(change)) > 1e-4);
  const off = { ...config, ispe: false };
  assert.equal(largestDifference(run(undefined, off), run(change, off)), 0);
});

Deno.test("IsaDit: a fresh model is SD3's image stream alone, whatever the conditions", () => {
  using vars = Vars.root({ seed: 3 });
  const model = new IsaDit(vars, config);
  noGrad(() => {
    // Only SD3's own gates and head are opened.
    for (const [name, parameter] of vars.parameters()) {
      if (!/^(transformer_blocks|norm_out|proj_out)/.test(name)) continue;
      using value = waves(name.length, ...parameter.shape);
      copy_(parameter, value);
    }
  });
  const forward = (change: Partial<IsaDitConditions>): Float32Array => {
    using out = scope(() =>
      noGrad(() => {
        const { noisy, t, conditions } = inputs();
        return model.forward(noisy, t, model.encode({ ...conditions, ...change }));
      })
    );
    return toArray(out) as Float32Array;
  };
  const plain = forward({});
  assert.ok(largestDifference(plain, new Float32Array(plain.length)) > 1e-3);
  const changes = { points: waves(14, B, K, P, 3), plucker: waves(17, B, 12, T, h, w) };
  assert.equal(largestDifference(plain, forward(changes)), 0);
});

Deno.test("parseIsaDitConfig: numbers that do not fit are named", () => {
  const { imageEncoder } = config;
  const make = (change: Record<string, unknown>) => () =>
    parseIsaDitConfig({ ...config, imageEncoder, ...change });
  assert.throws(make({ width: 100, heads: 16 }), /width 100 does not split into 16 heads/);
  assert.throws(make({ pointWidth: 16 }), /pointWidth 16 must be a multiple of 6/);
  assert.throws(make({ layers: 0 }), /layers/);
});

Deno.test("IsaDit: isa4d-4b has 4 billion parameters, small at most 12 million with its VAE", () => {
  const count = (name: string): number => {
    using vars = Vars.root({ device: "meta" });
    new IsaDit(vars, isaDitPresets[name]);
    return vars.countParameters();
  };
  assert.ok(Math.abs(count("isa4d-4b") / 4e9 - 1) < 0.1, String(count("isa4d-4b")));
  assert.ok(count("small") < 11e6, String(count("small")));
});
