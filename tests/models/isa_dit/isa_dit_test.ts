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
  type DType,
  liveTensors,
  noGrad,
  scope,
  type Tensor,
  tensor,
  toArray,
} from "../../../lib/tensor/mod.ts";
import fixture from "../../fixtures/isa_dit/isa_dit.json" with { type: "json" };

// Sizes and formulas of tests/fixtures/isa_dit/make_isa_dit.py.
const [B, C, T, h, w, P, K] = [2, 4, 3, 4, 6, 5, 6];
const config = parseIsaDitConfig({
  latentChannels: C,
  temporalFactor: 2,
  width: 24,
  pointWidth: 12,
  layers: 2,
  heads: 2,
  pointHeads: 2,
  blockMultiplier: 2,
  pointMultiplier: 2,
  pointsPerPerson: P,
  pointFrequencies: 2,
  ispeScale: 1.5,
  positionTableSize: 8,
  imageEncoder: {
    imageSize: 8,
    patchSize: 4,
    hiddenSize: 8,
    intermediateSize: 12,
    layers: 1,
    heads: 2,
  },
});

function fillByName(vars: Vars): void {
  noGrad(() => {
    for (const [name, parameter] of vars.parameters()) {
      const n = name.length + [...name].reduce((sum, c) => sum + c.charCodeAt(0), 0);
      const scale = 0.5 / Math.sqrt(parameter.shape.at(-1)!);
      const data = Float32Array.from(
        { length: parameter.numel },
        (_, i) => scale * Math.sin(1.7 * i + n),
      );
      using value = tensor(data, { shape: parameter.shape });
      copy_(parameter, value);
    }
  });
}

function waves(seed: number, ...shape: number[]): Tensor {
  const length = shape.reduce((a, b) => a * b);
  const data = Float32Array.from(
    { length },
    (_, i) => Math.sin(0.9 * i * (1 + 0.01 * seed) + seed),
  );
  return tensor(data, { shape });
}

const numbers = (data: number[][], dtype: DType = "float32"): Tensor => tensor(data, { dtype });

function inputs(): { noisy: Tensor; t: Tensor; conditions: IsaDitConditions } {
  const front = new Float32Array(B * K * P).fill(1);
  front[P + 2] = 0;
  return {
    noisy: waves(1, B, C, T, h, w),
    t: tensor([0.3, 0.8]),
    conditions: {
      reference: waves(2, B, C, h, w),
      pointFeatures: waves(3, B, P, C),
      pointVisible: numbers([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1]]),
      pointPerson: numbers([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]], "int64"),
      pointIndex: numbers([[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]], "int64"),
      points: waves(4, B, K, P, 3),
      pointsNdc: waves(5, B, K, P, 3),
      pointInFront: tensor(front, { shape: [B, K, P] }),
      background: waves(6, B, C, T, h, w),
      backgroundGiven: tensor([1, 0]),
      plucker: waves(7, B, 12, T, h, w),
      image: waves(8, B, 3, 8, 8),
      subjectGiven: tensor([1, 0]),
    },
  };
}

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

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

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
