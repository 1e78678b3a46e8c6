/**
 * The loss of models that know several views of a scene.
 * @module
 */
import { flowTarget } from "../diffusion/mod.ts";
import type { Random } from "../geometry/mod.ts";
import { gridFlow, type IsaDit } from "../models/isa_dit/mod.ts";
import {
  add,
  div,
  expand,
  indexSelect,
  mul,
  pow,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";
import type { DitTrainConfig } from "./dit_config.ts";
import type { SceneBatch } from "./dit_data.ts";
import { type DitDraws, drawNoise, dropConditions } from "./dit_loss.ts";

// B scenes, V views, M = B·V clips, C latent channels, T latent frames, h×w latent size

/**
 * Flow-matching loss of scenes, weighted as that of clips. All views of a scene have one flow time; now
 * and then a view, or the first latent of all views, is given: clean, at time 0, and no part of the
 * loss, as when a grid is sampled from what is there. `draws.part` counts scenes.
 */
export function gridLoss(
  model: IsaDit,
  batch: SceneBatch,
  config: DitTrainConfig,
  draws: DitDraws,
): Tensor {
  const { latent, coverage, views: V } = batch;
  const { part } = draws;
  const [M, C, T, h, w] = latent.shape;
  const B = M / V;
  const clips = { first: part.first * V, count: M, of: part.of * V };
  const { t, noise } = drawNoise(latent, config.flowShift, { ...draws, part: clips });
  const free = freeLatents(config.grid, { ...batch, draws, T });
  const perScene = indexSelect(
    t,
    0,
    tensor(range(B).map((b) => b * V), { dtype: "int64", device: t.device }),
  );
  const times = mul(expand(reshape(perScene, [B, 1, 1]), [B, V, T]), free);
  const mask = reshape(free, [M, 1, T, 1, 1]);
  // As addNoise; at time 0 it is the clean latent.
  const noisy = add(latent, mul(flowTarget(latent, noise), reshape(times, [M, 1, T, 1, 1])));
  const conditions = dropConditions(batch.conditions, config, { ...draws, views: V });
  const grid = [B, V, C, T, h, w];
  const flow = gridFlow(model, reshape(noisy, grid), times, model.encode(conditions));
  const squared = pow(sub(reshape(flow, latent.shape), flowTarget(latent, noise)), 2);
  const weight = mul(add(mul(coverage, config.personWeight), 1), mask);
  const weights = sum(weight);
  const normaliser = mul(draws.mean?.(weights) ?? weights, C);
  return div(sum(mul(squared, weight)), normaliser);
}

/** 1 where latents are to be made, 0 where they are given, [B, V, T]. */
function freeLatents(
  { givenView, givenTime }: DitTrainConfig["grid"],
  { views: V, start, latent, draws, T }: SceneBatch & {
    readonly draws: DitDraws;
    readonly T: number;
  },
): Tensor {
  const { choices, part } = draws;
  const kinds = range(part.of).map(() => drawGiven(choices, { givenView, givenTime, V }));
  const flags = kinds.slice(part.first, part.first + part.count).flatMap(({ view, time }) =>
    range(V).flatMap((v) =>
      range(T).map((k) => v === view || (time && start === 0 && T > 1 && k === 0) ? 0 : 1)
    )
  );
  return tensor(flags, { shape: [part.count, V, T], device: latent.device });
}

/** What is given of a scene; the same number of draws whatever comes out. */
function drawGiven(
  random: Random,
  { givenView, givenTime, V }: {
    readonly givenView: number;
    readonly givenTime: number;
    readonly V: number;
  },
): { readonly view?: number; readonly time: boolean } {
  const [which, view] = [random.float(), random.int(V)];
  if (which < givenView && V > 1) return { view, time: false };
  return { time: which >= givenView && which < givenView + givenTime };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
