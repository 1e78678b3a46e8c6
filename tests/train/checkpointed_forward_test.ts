import { deepEqual, equal, ok } from "node:assert/strict";
import { Random } from "../../lib/geometry/mod.ts";
import {
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  parseIsaDitConfig,
} from "../../lib/models/isa_dit/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import {
  add_,
  autocast,
  cat,
  generator,
  grad,
  item,
  liveTensors,
  noGrad,
  ones,
  randn,
  reshape,
  scope,
  type Tensor,
  tensor,
  toNumbers,
  zeros,
} from "../../lib/tensor/mod.ts";
import { ditLoss, ditTrainPresets } from "../../lib/train/mod.ts";

const B = 2, T = 2, side = 4;

/** Random conditions of two clips; one point is behind the camera. */
function randomBatch(config: IsaDitConfig) {
  const { latentChannels: C, temporalFactor: f, pointsPerPerson: P, imageEncoder } = config;
  using random = generator(3, "cpu");
  const make = (...shape: number[]): Tensor => randn(shape, { generator: random });
  const K = f * T, S = imageEncoder.imageSize;
  const index = Array.from({ length: B }, () => Array.from({ length: P }, (_, i) => i));
  const conditions: IsaDitConditions = {
    reference: make(B, C, side, side),
    pointFeatures: make(B, P, C),
    pointVisible: ones([B, P]),
    pointPerson: zeros([B, P], { dtype: "int64" }),
    pointIndex: tensor(index, { dtype: "int64" }),
    points: make(B, K, P, 3),
    pointsNdc: make(B, K, P, 3),
    pointInFront: reshape(
      tensor(Array.from({ length: B * K * P }, (_, i) => i === 5 ? 0 : 1)),
      [B, K, P],
    ),
    background: make(B, C, T, side, side),
    backgroundGiven: ones([B]),
    plucker: make(B, 6 * f, T, side, side),
    image: make(B, 3, S, S),
    subjectGiven: ones([B]),
  };
  if (config.maps.includes("prior")) {
    // Half of the places are near, all planes shares of 1.
    const plane = (near: number) =>
      reshape(
        tensor(Array.from({ length: B * T * side * side }, (_, i) => i % side < 2 ? 1 : near)),
        [B, 1, T, side, side],
      );
    const planes = [plane(0), plane(0), plane(0.1), plane(1)];
    const prior = cat([make(B, C, T, side, side), ...planes], 1);
    Object.assign(conditions, { prior });
  }
  return { latent: make(B, C, T, side, side), coverage: ones([B, 1, T, side, side]), conditions };
}

/** Loss and gradients of every parameter, with activations kept or computed again. */
function gradientsOf(change: Partial<IsaDitConfig>, compute: "float32" | "bfloat16") {
  const config = parseIsaDitConfig({ ...ditTrainPresets.tiny.model, latentChannels: 4, ...change });
  using vars = Vars.root({ seed: 1 });
  const model = new IsaDit(vars, config);
  const parameters = vars.parameters();
  // A fresh model's gates are closed: most gradients would be zero.
  for (const parameter of parameters.values()) noGrad(() => scope(() => add_(parameter, 0.02)));
  return [undefined, parameters].map((recompute) =>
    scope(() => {
      const loss = () =>
        ditLoss(model, randomBatch(config), { ...ditTrainPresets.tiny, model: config }, {
          seed: 1,
          choices: new Random(1),
          part: { first: 0, count: B, of: B },
          recompute,
        });
      const value = compute === "float32" ? loss() : autocast({ dtype: compute }, loss);
      const gradients = grad([value], [...parameters.values()], { allowUnused: true });
      const names = [...parameters.keys()];
      const numbers = gradients.map((gradient, i) =>
        [names[i], gradient && (toNumbers(reshape(gradient, [-1])) as number[])] as const
      );
      return { loss: item(value), gradients: new Map(numbers) };
    })
  );
}

const kinds: readonly [string, Partial<IsaDitConfig>][] = [
  ["the plain model", {}],
  ["SCD and swap attention", { identity: "scd", temporal: "swap" }],
  ["the prior on near tokens", { maps: ["prior"], skip: "prior", tokens: "near" }],
];
for (const [name, change] of kinds) {
  for (const compute of ["float32", "bfloat16"] as const) {
    Deno.test(`activation checkpointing: loss and gradients are those of kept activations, ${name}, ${compute}`, () => {
      const before = liveTensors();
      const [kept, again] = gradientsOf(change, compute);
      ok(Math.abs(kept.loss - again.loss) < 1e-6 * kept.loss, `${kept.loss} and ${again.loss}`);
      deepEqual([...again.gradients.keys()], [...kept.gradients.keys()]);
      let largest = 0;
      for (const [name, expected] of kept.gradients) {
        const found = again.gradients.get(name);
        equal(found === undefined, expected === undefined, name);
        if (!expected || !found) continue;
        const scale = Math.max(...expected.map(Math.abs)) + 1e-6;
        const gap = Math.max(...expected.map((x, i) => Math.abs(x - found[i]))) / scale;
        ok(gap < (compute === "float32" ? 1e-3 : 0.05), `${name}: ${gap} of ${scale}`);
        largest = Math.max(largest, scale);
      }
      ok(largest > 1e-3, "there is something to compare");
      equal(liveTensors(), before);
    });
  }
}
