/**
 * Samples for training: where they come from, and how they are made ahead of their steps.
 * @module
 */
export { AheadLoader, type LoaderMessage, serveOrders } from "./ahead.ts";
export {
  type ClipFacts,
  type ClipSource,
  type MaskedClip,
  memorySource,
  openSource,
  type SourceSpec,
} from "./clip_sources.ts";
export { crewCrops, type CropLoader, localCrops, type SampleConfig } from "./crop_loader.ts";
export { type CropBatch, type CropConfig, type Cut, cutClip } from "./crops.ts";
