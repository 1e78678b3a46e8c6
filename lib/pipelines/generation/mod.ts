/**
 * Door of generation: one job, or one rendered clip, from geometry and pictures to frames.
 * @module
 */
export { decodeOverPrior, lastFlowTime } from "./decode_over_prior.ts";
export { generateFromLatents } from "./from_latents.ts";
export { generate } from "./generate.ts";
export {
  type ClipToldOf,
  decodeTold,
  generateClip,
  scenePersonOf,
  throughVae,
} from "./generate_clip.ts";
export type { GenerateOptions, GenerationFiles } from "./generate_options.ts";
export { generateFrames, generateVideo, type GenerateVideoOptions } from "./generate_video.ts";
export { checkPreviewFile, type PreviewFile } from "./live_preview.ts";
export { isPreviewFile, type PreviewFacts, readPreviewFacts } from "./preview_facts.ts";
export { generateMatte } from "./matte.ts";
export { correctPrior, decoderSize, loadPriorDecoder } from "./prior_correction.ts";
export { type GenerateProgress, type Report, stageReporter } from "./progress.ts";
