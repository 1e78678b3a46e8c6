import { addNoise, flowTarget, sampleFlowTimes } from "../diffusion/mod.ts";
import type { Random } from "../geometry/mod.ts";
import type { IsaDit, IsaDitConditions } from "../models/isa_dit/mod.ts";
import {
  add,
  div,
  type Generator,
  mul,
  pow,
  randn,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../tensor/mod.ts";
import type { DitTrainConfig } from "./dit_config.ts";

/** A batch of clips as the loss reads them. */
export interface DitBatch {
  /** Clean normalised latents, [B, C, T, h, w]. */
  readonly latent: Tensor;
  /** Share of a latent position that the person covers, [B, 1, T, h, w] in 0..1. */
  readonly coverage: Tensor;
  readonly conditions: IsaDitConditions;
}

/**
 * Flow-matching loss: E‖w ⊙ (flow(z_t) − (ε − z₀))‖², weight w higher where the person is, since most
 * positions hold background that the model is given anyway. Normalised by the mean weight.
 */
export function ditLoss(
  model: IsaDit,
  batch: DitBatch,
  config: DitTrainConfig,
  random: { readonly generator: Generator; readonly choices: Random },
): Tensor {
  const { latent, coverage } = batch;
  const device = latent.device;
  const { generator } = random;
  const t = sampleFlowTimes(latent.shape[0], { shift: config.flowShift, generator, device });
  const noise = randn(latent.shape, { generator, device });
  const conditions = dropConditions(batch.conditions, config.dropout, random.choices);
  const predicted = model.forward(addNoise(latent, noise, t), t, model.encode(conditions));
  const squared = pow(sub(predicted, flowTarget(latent, noise)), 2);
  const weight = add(mul(coverage, config.personWeight), 1);
  const normaliser = mul(sum(weight), latent.shape[1]);
  return div(sum(mul(squared, weight)), normaliser);
}

/** Takes conditions away at random, each sample for itself. */
function dropConditions(
  conditions: IsaDitConditions,
  dropout: DitTrainConfig["dropout"],
  random: Random,
): IsaDitConditions {
  const B = conditions.reference.shape[0];
  const { device } = conditions.reference;
  const keep = (share: number): Tensor =>
    tensor(Array.from({ length: B }, () => random.float() < share ? 0 : 1), { device });
  const background = keep(dropout.background);
  const camera = keep(dropout.camera);
  const pose = keep(dropout.referencePose);
  const wide = [B, 1, 1, 1, 1];
  return {
    ...conditions,
    subjectGiven: mul(conditions.subjectGiven, keep(dropout.subject)),
    background: mul(conditions.background, reshape(background, wide)),
    backgroundGiven: mul(conditions.backgroundGiven, background),
    plucker: mul(conditions.plucker, reshape(camera, wide)),
    pointVisible: mul(conditions.pointVisible, reshape(pose, [B, 1])),
  };
}
