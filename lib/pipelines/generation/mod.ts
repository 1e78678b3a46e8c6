/**
 * Door of generation: one job, or one rendered clip, from geometry and pictures to frames.
 * @module
 */
export { generate, generateFromLatents } from "./generate.ts";
export {
  type ClipToldOf,
  decodeFrames,
  generateClip,
  scenePersonOf,
  throughVae,
} from "./generate_clip.ts";
export type { GenerateOptions, GenerationFiles } from "./generate_options.ts";
export { generateFrames, generateVideo, type GenerateVideoOptions } from "./generate_video.ts";
export { generateMatte } from "./matte.ts";
export { correctPrior, loadPriorDecoder } from "./prior_correction.ts";
export { type GenerateProgress, type Report, stageReporter } from "./progress.ts";
