/**
 * Videos of persons from a reference picture, a motion, a camera and a background. A job becomes a file
 * by {@linkcode generateVideo} and frames by {@linkcode generateFrames}; `generate` leaves the choice of
 * weights, record and output to the caller. Tensors, layers, models, training, geometry, files, metrics
 * and what is seen in pictures have doors of their own: `isa4d/tensor`, `isa4d/nn`, `isa4d/models`,
 * `isa4d/train`, `isa4d/geometry`, `isa4d/data`, `isa4d/io`, `isa4d/eval` and `isa4d/perception`.
 * @module
 */
export {
  ConfigError,
  EnvironmentError,
  InputError,
  IoError,
  IsaError,
  NativeError,
  type NativeErrorKind,
  UsageError,
} from "./lib/errors.ts";
export {
  bringCredentialsLibrary,
  checkCredentials,
  type CredentialIngredient,
  type Credentials,
  type CredentialsLibraryOptions,
  readSigner,
  type Signer,
} from "./lib/credentials/mod.ts";
export {
  type Job,
  jobJsonSchema,
  jobSchema,
  parseJob,
  type WrittenJob,
  writtenJobSchema,
} from "./lib/pipelines/job/mod.ts";
export {
  findJobWeights,
  generate,
  generateFrames,
  type GenerateOptions,
  type GenerateProgress,
  generateVideo,
  type GenerateVideoOptions,
  type GenerationFiles,
  type GenerationRecord,
  Models,
  type ModelSource,
  type PersonMotion,
  type PreviewFile,
  type PriorWeights,
  readRecord,
  recordSchema,
  type Scene,
  type ScenePerson,
  type Seal,
  type WeightFiles,
} from "./lib/pipelines/mod.ts";
export {
  type DrawOptions,
  drawPreview,
  type FrameFacts,
  type FrameRange,
  type InspectedJob,
  inspectJob,
  type PreviewOptions,
  type PreviewWarning,
  type ReferenceFit,
  type WarningKind,
} from "./lib/preview/mod.ts";
export {
  type Sampler,
  type SamplerName,
  samplerNames,
  type SamplerState,
  type ScheduleOptions,
  type Scheduler,
  scheduleTimes,
} from "./lib/diffusion/mod.ts";
