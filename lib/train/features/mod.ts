/**
 * Door of the feature networks' training: rendered people, whose labels are known.
 * @module
 */
export {
  type FeaturesTrainConfig,
  featuresTrainPresets,
  parseFeaturesTrainConfig,
} from "./config.ts";
export type { FeatureQuality } from "./objective.ts";
export { trainFeatures, type TrainFeaturesOptions } from "./train.ts";
