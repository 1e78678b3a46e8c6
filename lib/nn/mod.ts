/**
 * Layers and their variables. A layer is a class that registers its variables under a path of
 * {@link Vars} and has a `forward`; no model is known here.
 * @module
 */

export { activate, type Activation } from "./activation.ts";
export { attend, type AttendOptions } from "./attend.ts";
export { Attention, type AttentionInputs, type AttentionOptions } from "./attention.ts";
export {
  CausalConv3d,
  type CausalConv3dOptions,
  emptyCache,
  type FrameCache,
  type Streamed,
  type TimePadding,
} from "./causal_conv.ts";
export {
  chainParameters,
  checkpointedGrad,
  type CheckpointOptions,
  type CheckpointResult,
  type Segment,
} from "./checkpoint.ts";
export {
  Conv2d,
  type Conv2dOptions,
  Conv3d,
  type Conv3dOptions,
  type ConvOptions,
  type Size2,
  type Size3,
} from "./conv.ts";
export {
  sinusoidalEmbedding,
  type SinusoidalEmbeddingOptions,
  TimestepEmbedder,
  type TimestepEmbedderOptions,
  timestepEmbedding,
  type TimestepEmbeddingOptions,
} from "./embeddings.ts";
export {
  chooseDtype,
  type DtypeFacts,
  type FastestDtype,
  fastestDtype,
  type ProductDtype,
} from "./fastest_dtype.ts";
export { FeedForward, type FeedForwardOptions, Mlp, type MlpOptions } from "./feed_forward.ts";
export {
  constantInit,
  type Init,
  kaimingUniform,
  normalInit,
  oneInit,
  xavierUniform,
  zeroInit,
} from "./init.ts";
export {
  Embedding,
  type EmbeddingOptions,
  type LayerInit,
  Linear,
  type LinearOptions,
} from "./linear.ts";
export { type LoraParts, LowRank, mergeLora } from "./lora.ts";
export {
  FrameGroupNorm,
  GroupNorm,
  type GroupNormOptions,
  LayerNorm,
  type LayerNormOptions,
  RmsNorm,
  type RmsNormOptions,
} from "./norm.ts";
export { convolve3d, type ConvolveOptions } from "./meta.ts";
export {
  cropPositions,
  PatchEmbed,
  type PatchEmbedOptions,
  sincosPositions2d,
  type SincosPositionsOptions,
} from "./patch_embed.ts";
export { gatedSum, unfused } from "./fusion.ts";
export { type ProductOptions, withProducts } from "./precision.ts";
export { applyRotary, Rotary1d, type Rotary1dOptions, type RotaryTable } from "./rotary.ts";
export { sequence, type Step } from "./sequence.ts";
export type { StateRecord, StateSource } from "./state.ts";
export {
  allGiven,
  type LoadOptions,
  type LoadReport,
  type LoraOptions,
  Vars,
  type VarsOptions,
} from "./vars.ts";
