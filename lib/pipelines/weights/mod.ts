/**
 * Door of weights: which files a name or folder stands for, what they are, and the models in them.
 * @module
 */
export {
  checkIdentity,
  type ModelConfigs,
  presetConfigs,
  readIsaDitConfig,
  readModelConfigs,
  readsPrior,
  samplingSize,
  sizeStep,
} from "./model_configs.ts";
export { shippedFeatures } from "./shipped.ts";
export {
  filesOf,
  findJobWeights,
  findWeights,
  Models,
  type ModelSource,
  type PriorWeights,
  type WeightFiles,
} from "./weights.ts";
