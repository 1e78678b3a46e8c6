/**
 * ISA-DiT: the diffusion transformer with symmetric interspatial attention (ISA4D section 5).
 * @module
 */
export {
  type ClipConditions,
  clipConditions,
  normaliseTowerImage,
  pointFeatures,
  towerImage,
} from "./conditioning.ts";
export { type IsaDitConfig, isaDitConfig, parseIsaDitConfig, readsNormals } from "./config.ts";
export { gridFlow, type GridStreams, gridStreams } from "./grid.ts";
export type { EncodedConditions, IsaDitConditions } from "./inputs.ts";
export { IsaDit } from "./model.ts";
export type { ReferenceCache } from "./scd.ts";
export { walkLayers } from "./walk.ts";
export { ispe, pixelNdc } from "./positions.ts";
export { isaDitPresets } from "./presets.ts";
export { type IsaDitFromSd3, isaDitFromSd3, type Sd3Options } from "./sd3_file.ts";
export { findSd3, type Sd3ImageStream, sd3ImageStream, type Sd3State } from "./sd3_layout.ts";
export {
  isaDitFacts,
  type LoadedIsaDit,
  loadIsaDit,
  type LoraFile,
  saveIsaDit,
  startFrom,
} from "./weights.ts";
