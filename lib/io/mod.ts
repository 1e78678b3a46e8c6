/**
 * Door of everything that touches files: tensors, arrays, images, videos, streams. Plain typed arrays
 * only; libtorch is not needed here.
 * @module
 */
export { type AlphaContainer, alphaContainer, type RgbaStream, writeAlpha } from "./alpha_write.ts";
export {
  atomicWrite,
  discardParts,
  partPath,
  removeQuietly,
  settleParts,
  writeBytes,
  writeJson,
  writeText,
} from "./atomic.ts";
export { cachePath, kept } from "./cache_folder.ts";
export { isStillImage, openClip, writeClip } from "./clip_by_path.ts";
export { exists } from "./exists.ts";
export type { Finish } from "./finish.ts";
export { GlbBuffer, type GlbData, type GlbElement } from "./glb.ts";
export { writeFailure } from "./failures.ts";
export { ffmpegPath } from "./ffmpeg.ts";
export { type Fit, frameAt, type Frames, type FrameStream, maxSide, streamOf } from "./frames.ts";
export {
  coverRegion,
  decodeImage,
  encodeJpeg,
  encodePng,
  type ImageRegion,
  imageSize,
  type JpegOptions,
  type PngOptions,
  readImage,
  type ReadImageOptions,
  resizeFrames,
  writeJpeg,
  writePng,
} from "./image.ts";
export { encodeRgbaPng, readAlpha, withAlpha } from "./image_alpha.ts";
export { knownBytes } from "./known_bytes.ts";
export {
  decodeNpy,
  encodeNpy,
  type NpyArray,
  type NpyData,
  type NpyDType,
  npyToFloat32,
} from "./npy.ts";
export { readNpy, readNpz, writeNpz } from "./npz.ts";
export { checkWritable, guardOutputs, type PlannedOutput } from "./output_guard.ts";
export { packWeights, ROW_SCALE, unpackWeights } from "./packed_weights.ts";
export {
  isSequencePattern,
  type NumberedOptions,
  sequencePath,
  writeNumbered,
  writePngSequence,
} from "./png_sequence.ts";
export { type FactsSchema, parseFacts } from "./facts.ts";
export { type RawFormat, type RawStreamEnd, writeRawStream } from "./raw_stream.ts";
export { readBytes, readJson, readText, sha256File } from "./read_file.ts";
export { checkShipped, shippedFolder } from "./shipped_files.ts";
export {
  readSafetensors,
  type SafetensorsContent,
  SafetensorsFile,
  type StoredTensor,
} from "./safetensors.ts";
export type { TensorEntry } from "./safetensors_header.ts";
export { type TensorToMake, type TensorToStore, writeSafetensors } from "./safetensors_write.ts";
export { renderSvg, renderSvgFrame, type RgbaPicture } from "./svg.ts";
export { Spool } from "./spool.ts";
export { listTensors, type TensorListing } from "./tensor_listing.ts";
export { readTensor, type TensorPlace } from "./tensor_place.ts";
export { probeVideo, readVideoMetadata, type VideoFacts } from "./video_probe.ts";
export { openVideo, readVideo, type ReadVideoOptions, type VideoReader } from "./video_read.ts";
export { checkSound, type Sound } from "./sound.ts";
export {
  checkContainer,
  isCoded,
  maxCrf,
  type VideoContainer,
  videoContainer,
  videoEndings,
} from "./video_codecs.ts";
export { fpsFraction } from "./video_encode.ts";
export { writeMp4Stream, writeVideo, type WriteVideoOptions } from "./video_write.ts";
export {
  digitalSourceType,
  type Ingredient,
  type Origin,
  type SourceType,
  termOf,
  type XmpFacts,
} from "./xmp/mod.ts";
export { type MediaKind, mediaKind, readXmp } from "./xmp_read.ts";
export type { CodedContainer } from "./video_codecs.ts";
export { SpooledClip } from "./spooled_clip.ts";
