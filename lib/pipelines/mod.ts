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
export { type SheetContent, stackSheet } from "./contact_sheet.ts";
export { type Demo, type DemoOptions, finishDemo, prepareDemo } from "./demo.ts";
export {
  type ClipToldOf,
  correctPrior,
  generate,
  generateClip,
  generateFromLatents,
  generateMatte,
  type GenerateOptions,
  type GenerateProgress,
  type GenerationFiles,
  loadPriorDecoder,
  throughVae,
} from "./generation/mod.ts";
export { allModelFacts, type ClipSize, flopsOf, type ModelFacts } from "./model_facts.ts";
export {
  type Advice,
  parseMemory,
  type Plan,
  planJob,
  type PlannedStage,
  type PlanOptions,
  type PlanSize,
  type Rehearsal,
  rehearseJob,
  type StageFacts,
} from "./plan/mod.ts";
export {
  bodyPicture,
  drawPreview,
  type FrameFacts,
  type FrameRange,
  type InspectedJob,
  inspectJob,
  inspectScene,
  inspectViews,
  type PreviewOptions,
  type PreviewWarning,
  type ReferenceFit,
  type WarningKind,
} from "./preview/mod.ts";
export {
  checkOutput,
  checkRecord,
  type EncodedJob,
  type GenerationRecord,
  hashAll,
  type HashedFile,
  makeRecord,
  type OutputKind,
  outputKind,
  type OutputTarget,
  portableRecord,
  readJobFile,
  readLatents,
  readLatentsRecord,
  readRecord,
  recordPath,
  requireSameJob,
  resumePath,
  type StoredLatents,
  type StreamFormat,
  writeLatents,
  writeOutput,
} from "./record/mod.ts";
export {
  type ClipInputs,
  encodeConditions,
  sampleLatents,
  type SampleLatentsOptions,
} from "./sampling/mod.ts";
export {
  type BackgroundFrames,
  checkBackground,
  formatPose,
  type LoadedReference,
  loadScene,
  type OnNotice,
  openBackground,
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
  readModelConfigs,
  shippedFeatures,
  type WeightFiles,
} from "./weights/mod.ts";
