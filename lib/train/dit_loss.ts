import { addNoise, flowTarget, sampleFlowTimes } from "../diffusion/mod.ts";
import type { Random } from "../geometry/mod.ts";
import {
  type Dropout,
  type IsaDit,
  type IsaDitConditions,
  priorStart,
  without,
} from "../models/isa_dit/mod.ts";
import {
  add,
  cat,
  div,
  generator,
  mul,
  pow,
  randn,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";
import { checkpointedLoss } from "./checkpointed_forward.ts";
import type { DitTrainConfig } from "./dit_config.ts";
import type { BatchPart } from "./distributed/mod.ts";
import { sampleSeed } from "./settings.ts";

/** A batch of clips as the loss reads them. */
export interface DitBatch {
  /** Clean normalised latents, [B, C, T, h, w]. */
  readonly latent: Tensor;
  /** Share of a latent position that the person covers, [B, 1, T, h, w] in 0..1. */
  readonly coverage: Tensor;
  readonly conditions: IsaDitConditions;
}

/** Where the randomness of a batch comes from. */
export interface DitDraws {
  /** Of the micro-batch; each sample's noise derives from it and the sample's place. */
  readonly seed: number;
  /** Draws what concerns the batch as a whole. */
  readonly choices: Random;
  /** Which samples of the whole batch these are. */
  readonly part: BatchPart;
  /** Mean of a value over all parts of the batch. Default: there is only this one. */
  readonly mean?: (x: Tensor) => Tensor;
  /** Trained parameters by name: layers keep no activations and are computed a second time. */
  readonly recompute?: ReadonlyMap<string, Tensor>;
}

/**
 * Flow-matching loss: E‖w ⊙ (flow(z_t) − (ε − z₀))‖², weight w higher where the person is, since most
 * positions hold background that the model is given anyway. Normalised by the mean weight.
 */
export function ditLoss(
  model: IsaDit,
  batch: DitBatch,
  config: DitTrainConfig,
  draws: DitDraws,
): Tensor {
  const conditions = dropConditions(batch.conditions, config, draws);
  const noised = noisedBatch(batch, config, draws);
  const { noisy, t, loss } = noised;
  const encoded = model.encode(conditions);
  const { recompute: parameters } = draws;
  return parameters
    ? checkpointedLoss(model, { noisy, t, encoded, parameters }, loss)
    : loss(model.forward(noisy, t, encoded));
}

/** The same of the answer that a silent network gives, for a model with the skip around the prior. */
export function priorLoss(
  model: IsaDit,
  batch: DitBatch,
  config: DitTrainConfig,
  draws: DitDraws,
): Tensor {
  const { noisy, t, loss } = noisedBatch(batch, config, draws);
  const { conditions } = batch;
  return loss(priorStart(model.config, { noisy, t, conditions }).flow);
}

interface NoisedBatch {
  readonly noisy: Tensor;
  readonly t: Tensor;
  readonly loss: (predicted: Tensor) => Tensor;
}

function noisedBatch(
  { latent, coverage }: DitBatch,
  { flowShift, personWeight }: DitTrainConfig,
  draws: DitDraws,
): NoisedBatch {
  const { t, noise } = drawNoise(latent, flowShift, draws);
  const loss = (predicted: Tensor): Tensor => {
    const squared = pow(sub(predicted, flowTarget(latent, noise)), 2);
    const weight = add(mul(coverage, personWeight), 1);
    // Among ranks, the mean weight of all samples: each counts as in one whole batch.
    const weights = sum(weight);
    const normaliser = mul(draws.mean?.(weights) ?? weights, latent.shape[1]);
    return div(sum(mul(squared, weight)), normaliser);
  };
  return { noisy: addNoise(latent, noise, t), t, loss };
}

/** Flow times [B] and noise of the latents' shape, each sample's from a generator of its own. */
export function drawNoise(
  latent: Tensor,
  shift: number,
  { seed, part: { first, count } }: DitDraws,
): { readonly t: Tensor; readonly noise: Tensor } {
  const { device } = latent;
  const draws = Array.from({ length: count }, (_, i) => {
    using own = generator(sampleSeed(seed, first + i), device);
    const t = sampleFlowTimes(1, { shift, generator: own, device });
    return { t, noise: randn([1, ...latent.shape.slice(1)], { generator: own, device }) };
  });
  return { t: cat(draws.map(({ t }) => t), 0), noise: cat(draws.map(({ noise }) => noise), 0) };
}

/** In this order, so that a seed's draws stay what they are; the newer ones cost none by default. */
const DRAWS = {
  background: "always",
  camera: "always",
  referencePose: "always",
  subject: "always",
  reference: "where asked for",
  body: "where asked for",
} as const satisfies Record<Dropout, string>;

/** Takes conditions away at random, each sample for itself, or `views` of them that show one scene. */
export function dropConditions(
  conditions: IsaDitConditions,
  { dropout, model }: Pick<DitTrainConfig, "dropout" | "model">,
  { choices, part, views = 1 }: Pick<DitDraws, "choices" | "part"> & { readonly views?: number },
): IsaDitConditions {
  const { first, count, of } = part;
  const { device } = conditions.reference;
  const keep = (share: number): Tensor => {
    // Drawn for the whole batch, whoever computes which samples.
    const kept = Array.from({ length: of }, () => choices.float() < share ? 0 : 1);
    const mine = kept.slice(first, first + count);
    return tensor(mine.flatMap((flag) => Array(views).fill(flag)), { device });
  };
  let kept = conditions;
  for (const [name, drawn] of Object.entries(DRAWS) as [Dropout, typeof DRAWS[Dropout]][]) {
    if (drawn === "where asked for" && dropout[name] === 0) continue;
    kept = without(kept, model, { dropout: name, given: keep(dropout[name]) });
  }
  return kept;
}
