/**
 * ISA-DiT: the diffusion transformer with symmetric interspatial attention (ISA4D section 5).
 * @module
 */
export { type IsaDitConfig, isaDitConfig, parseIsaDitConfig } from "./config.ts";
export {
  type ClipConditions,
  type Condition,
  type ConditionName,
  conditionRows,
  type Dropout,
  type FrameConditions,
  type IsaDitConditions,
  type MapTensors,
  type Size,
} from "./condition_table.ts";
export {
  type ClipSizes,
  type ConditionShape,
  joinClips,
  makeConditions,
  without,
  withoutSubject,
} from "./condition_tensors.ts";
export type { EncodedConditions } from "./encoded.ts";
export { gridFlow, gridStreams } from "./grid.ts";
export { clipConditions, frameConditions } from "./make_conditions.ts";
export {
  channelsOfMap,
  declareMap,
  encodeMap,
  type MapClip,
  type MapCondition,
  type MapFrame,
  mapsOf,
  type ReferencePicture,
} from "./map_table.ts";
export { IsaDit } from "./model.ts";
export { PRIOR_MAP } from "./prior_map.ts";
export { priorStart } from "./prior_skip.ts";
export type { ReferenceCache } from "./scd.ts";
export { walkLayers } from "./walk.ts";
export { towerImage } from "./reference_features.ts";
export { isaDitPresets } from "./presets.ts";
export { type IsaDitFromSd3, isaDitFromSd3, type Sd3Options } from "./sd3_file.ts";
export { findSd3, type Sd3ImageStream, type Sd3State } from "./sd3_layout.ts";
export {
  isaDitSpec,
  type LoadedIsaDit,
  loadIsaDit,
  type LoraFile,
  saveIsaDit,
  startFrom,
} from "./weights.ts";
