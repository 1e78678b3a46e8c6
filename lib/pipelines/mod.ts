/**
 * Door of the pipelines: models, sampler, geometry and files joined into one job. The job record alone
 * is in `job/mod.ts`, which needs no libtorch.
 * @module
 */
export {
  decodeLatents,
  encodeClip,
  type FramePair,
  reconstructClip,
  type ReconstructOptions,
} from "./codec/mod.ts";
export {
  type ClipToldOf,
  correctPrior,
  generate,
  generateClip,
  generateFrames,
  generateFromLatents,
  generateMatte,
  type GenerateOptions,
  type GenerateProgress,
  generateVideo,
  type GenerateVideoOptions,
  type GenerationFiles,
  loadPriorDecoder,
  throughVae,
} from "./generation/mod.ts";
export {
  checkOutput,
  checkRecord,
  type EncodedJob,
  type GenerationRecord,
  hashAll,
  type HashedFile,
  makeRecord,
  originOf,
  type OutputKind,
  outputKind,
  type OutputTarget,
  portableRecord,
  readJobFile,
  readLatents,
  readLatentsRecord,
  readRecord,
  recordPath,
  recordSchema,
  requireSameJob,
  resumePath,
  type Seal,
  sealing,
  type StoredLatents,
  type StreamFormat,
  writeLatents,
  writeOutput,
} from "./record/mod.ts";
export {
  encodeConditions,
  sampleLatents,
  type SampleLatentsOptions,
  type SceneClip,
} from "./sampling/mod.ts";
export {
  type BackgroundFrames,
  checkBackground,
  formatPose,
  type LoadedReference,
  loadScene,
  type OnNotice,
  openBackground,
  type PersonMotion,
  type Scene,
  type ScenePerson,
} from "./scene/mod.ts";
export {
  filesOf,
  findJobWeights,
  findWeights,
  type ModelConfigs,
  Models,
  type ModelSource,
  presetConfigs,
  type PriorWeights,
  readModelConfigs,
  shippedFeatures,
  type WeightFiles,
} from "./weights/mod.ts";
