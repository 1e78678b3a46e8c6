/**
 * Training: the loop, the optimiser, the losses and the data of both models.
 * @module
 */
export { AdamW, type AdamWOptions } from "./adamw.ts";
export { type CheckpointState, listCheckpoints } from "./checkpoint.ts";
export { configChanges } from "./config_changes.ts";
export {
  type BatchPart,
  type Environment,
  planBuckets,
  type RankLimits,
  type RankPlace,
  rankPlace,
  Ranks,
} from "./distributed/mod.ts";
export { type DitTrainConfig, ditTrainPresets, parseDitTrainConfig } from "./dit_config.ts";
export { DitData, type LatentSource } from "./dit_data.ts";
export { type DitBatch, ditLoss } from "./dit_loss.ts";
export { Ema } from "./ema.ts";
export { checkClipsFit, checkInitFits, checkStart, checkVaeFits } from "./fit_together.ts";
export { latentKey } from "./latent_key.ts";
export { LossGuard, type SkipReason } from "./loss_guard.ts";
export { cacheShard, humanClipOf } from "./latent_cache.ts";
export {
  crewPriorSamples,
  type PriorQuality,
  trainPrior,
  type TrainPriorOptions,
} from "./prior/mod.ts";
export { prepareLatents, prepareVideoLatents } from "./prepare_latents.ts";
export {
  crewCrops,
  type CropBatch,
  type CropConfig,
  type CropLoader,
  localCrops,
  type MaskedClip,
  memorySource,
  openSource,
  type SampleConfig,
  type SourceSpec,
} from "./loader/mod.ts";
export { learningRateAt, type TrainSettings, trainSettings } from "./settings.ts";
export type { DataUse, TaskData } from "./task_data.ts";
export { spread } from "./sample_sheet.ts";
export { type DitValidation, trainDit, type TrainDitOptions } from "./train_dit.ts";
export {
  type Adversary,
  type RunStart,
  Trainer,
  type TrainOptions,
  type TrainStep,
  type TrainTask,
} from "./trainer.ts";
export { type PcaFit, type PcaFitOptions } from "./fit_pca.ts";
export { trainVae, type TrainVaeOptions, type VaeQuality } from "./train_vae.ts";
export { parseVaeTrainConfig, type VaeTrainConfig, vaeTrainPresets } from "./train_vae_config.ts";
