/**
 * Door of the tracks: bodies fitted to what is seen of persons in pictures.
 * @module
 */
export {
  type DetectedPerson,
  fitFile,
  fitKeypoints,
  type FitOptions,
  type FittedFile,
  type Keypoint,
  type KeypointFit,
  type Landmark,
  landmarksOf,
  readKeypoints,
  type SpotName,
} from "./keypoints/mod.ts";
export { fitPhoto, type PhotoFit } from "./fit_photo.ts";
export type { SeenPhoto } from "./standing.ts";
export { type ClipFit, type ClipFitOptions, fitClip } from "./fit_clip.ts";
export type { SeenClip } from "./evidence.ts";
