/**
 * Door of the pipelines: models, sampler, geometry and files joined into one job. The job record alone
 * is in `job/mod.ts`, which needs no libtorch.
 * @module
 */
export { shippedFeatures } from "./assets.ts";
export { type BackgroundFrames, checkBackground, openBackground } from "./background.ts";
export type { ClipInputs } from "./clip_pictures.ts";
export { encodeConditions } from "./conditions.ts";
export { type SheetContent, stackSheet } from "./contact_sheet.ts";
export { type Demo, type DemoOptions, finishDemo, prepareDemo } from "./demo.ts";
export {
  generate,
  generateFromLatents,
  type GenerateOptions,
  type GenerateProgress,
  type GenerationFiles,
} from "./generate.ts";
export { allModelFacts, type ClipSize, flopsOf, type ModelFacts } from "./model_facts.ts";
export {
  checkOutput,
  type OutputKind,
  outputKind,
  type OutputTarget,
  writeOutput,
} from "./output.ts";
export { type EncodedJob, type StreamFormat } from "./encoding.ts";
export { correctPrior, loadPriorDecoder } from "./prior_correction.ts";
export { type ClipToldOf, generateClip, throughVae } from "./generate_clip.ts";
export {
  checkRecord,
  type GenerationRecord,
  hashAll,
  type HashedFile,
  makeRecord,
  portableRecord,
  readJobFile,
  readRecord,
  recordPath,
} from "./provenance.ts";
export {
  readLatents,
  readLatentsRecord,
  type StoredLatents,
  writeLatents,
} from "./latents_file.ts";
export {
  decodeLatents,
  encodeClip,
  type FramePair,
  openClip,
  reconstructClip,
  writeClip,
} from "./reconstruct.ts";
export type { ReconstructOptions } from "./reconstruct_options.ts";
export { formatPose, type LoadedReference } from "./reference.ts";
export { resumePath } from "./resume.ts";
export { requireSameJob } from "./same_job.ts";
export { disposeAll, sampleLatents, type SampleLatentsOptions } from "./sample.ts";
export { generateMatte } from "./matte.ts";
export { type ModelConfigs, presetConfigs, readModelConfigs } from "./model_configs.ts";
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
export { loadScene, type OnNotice, type Scene, type ScenePerson } from "./scene.ts";
export {
  filesOf,
  findJobWeights,
  findWeights,
  Models,
  type ModelSource,
  type WeightFiles,
} from "./weights.ts";
