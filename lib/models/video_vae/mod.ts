/**
 * VideoVAE: the causal video autoencoder of ISA4D section 4, its linear latent, and SD3's image VAE
 * inflated.
 * @module
 */
export {
  parseVideoVaeConfig,
  spatialFactor,
  temporalFactor,
  type VideoVaeConfig,
  videoVaeConfig,
  videoVaePresets,
} from "./config.ts";
export { cropTo, latentFrames, padToGrid, videoFrames } from "./frames.ts";
export { ImageDecoder, type ImageDecoderOptions } from "./image_decoder.ts";
export { loadImageVae } from "./image_vae_file.ts";
export {
  findImageVae,
  imageVaeConfig,
  type ImageVaeOptions,
  type ImageVaeState,
} from "./image_vae_layout.ts";
export { inflateImageVae } from "./inflate.ts";
export { VideoVae } from "./model.ts";
export { overPrior, type OverPriorInputs } from "./over_prior.ts";
export { type PcaBasis, type PcaShape, stillMean } from "./pca.ts";
export { framesToVideo, videoBytes, videoToFrames } from "./pixels.ts";
export { klDivergence, type Posterior, samplePosterior } from "./posterior.ts";
export { PriorDecoder, type PriorDecoderConfig, type PriorDecoderInputs } from "./prior_decoder.ts";
export { priorPlanesTensor } from "./prior_planes.ts";
export type { StreamState } from "./stream.ts";
export { DecoderStream, EncoderStream } from "./streaming.ts";
export {
  blendWeights,
  type TileGrid,
  tileGrid,
  type TileSpan,
  tileSpans,
  type TilingChoice,
  tilingRoom,
} from "./tiling.ts";
export {
  loadVideoVae,
  type LoadVideoVaeOptions,
  saveVideoVae,
  startVideoVae,
  videoVaeFacts,
} from "./weights.ts";
