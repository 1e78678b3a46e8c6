/**
 * The models: the VideoVAE and ISA-DiT, from a configuration or from files, and the maps that an
 * ISA-DiT may read.
 * @module
 */
export {
  type ClipConditions,
  type ClipSizes,
  type ConditionName,
  type ConditionShape,
  declareMap,
  type Dropout,
  type EncodedConditions,
  type FrameConditions,
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  isaDitConfig,
  isaDitPresets,
  type LoadedIsaDit,
  loadIsaDit,
  type LoraFile,
  makeConditions,
  type MapClip,
  type MapCondition,
  type MapFrame,
  type MapTensors,
  parseIsaDitConfig,
  type ReferencePicture,
  saveIsaDit,
} from "../lib/models/isa_dit/mod.ts";
export {
  DecoderStream,
  EncoderStream,
  framesToVideo,
  loadVideoVae,
  type LoadVideoVaeOptions,
  parseVideoVaeConfig,
  type Posterior,
  saveVideoVae,
  type StreamState,
  videoToFrames,
  VideoVae,
  type VideoVaeConfig,
  videoVaeConfig,
  videoVaePresets,
} from "../lib/models/video_vae/mod.ts";
export type { ModelAbout } from "../lib/models/state/mod.ts";
export type { PersonMask } from "../lib/prior/mod.ts";
