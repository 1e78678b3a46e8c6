/**
 * isa4d as a library: errors, the generation pipeline, and every layer below it under its own name.
 *
 * @example Make a video from a job record
 * ```ts
 * import { findWeights, generate, parseJob } from "./mod.ts";
 *
 * const job = parseJob({
 *   reference: { image: "me.png", pose: "me.json" },
 *   persons: [{ motion: "builtin:walk" }],
 *   camera: "orbit:deg=90",
 *   output: "-",
 * });
 * await generate(job, await findWeights(job.weights), async ({ frames }) => {
 *   for await (const rgb24 of frames) console.log(rgb24.length);
 * });
 * ```
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
  findWeights,
  generate,
  type GenerateOptions,
  type GenerateProgress,
  Models,
  type WeightFiles,
} from "./lib/pipelines/mod.ts";
export { type Job, type JobInput, jobJsonSchema, parseJob } from "./lib/pipelines/job/mod.ts";
export * as data from "./lib/data/mod.ts";
export * as diffusion from "./lib/diffusion/mod.ts";
export * as evaluation from "./lib/eval/mod.ts";
export * as geometry from "./lib/geometry/mod.ts";
export * as io from "./lib/io/mod.ts";
export * as isaDit from "./lib/models/isa_dit/mod.ts";
export * as nn from "./lib/nn/mod.ts";
export * as pipelines from "./lib/pipelines/mod.ts";
export * as tensor from "./lib/tensor/mod.ts";
export * as training from "./lib/train/mod.ts";
export * as videoVae from "./lib/models/video_vae/mod.ts";
