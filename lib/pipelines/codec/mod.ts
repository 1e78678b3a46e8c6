/**
 * Door of clips through the VideoVAE: whole, in chunks and in tiles, so that memory does not grow with
 * length or size.
 * @module
 */
export { decodeLatents, encodeClip, type FramePair, reconstructClip } from "./clip_codec.ts";
export type { ReconstructOptions } from "./codec_options.ts";
export { fillCamera, filledSize, fillFrames, fillReference, type PictureSize } from "./filling.ts";
