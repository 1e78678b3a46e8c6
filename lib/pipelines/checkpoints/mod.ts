/**
 * Door of the checkpoints: what a file of weights holds, whether it is whole, and turning it into ours.
 * @module
 */
export {
  type ConvertOptions,
  type ConvertReport,
  type ConvertTarget,
  convertWeights,
} from "./convert.ts";
export { type CheckpointFacts, type HeldModel, inspectCheckpoint } from "./inspect.ts";
export {
  makeManifest,
  manifestPath,
  readManifest,
  type ShippedSet,
  type WeightsManifest,
} from "./manifest.ts";
export { type Verdict, verifyWeights } from "./verify.ts";
