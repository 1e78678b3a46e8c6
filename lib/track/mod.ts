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
export {
  emptyPhoto,
  fitPhoto,
  fitPhotoFile,
  type FittedPhoto,
  lookAtPhoto,
  type PhotoFileOptions,
  type PhotoFit,
  type SeenPhoto,
  type SeenPhotograph,
} from "./photo/mod.ts";
export { type ClipFit, type ClipFitOptions, fitClip } from "./fit_clip.ts";
export type { SeenClip } from "./evidence.ts";
export type { FloorPlane } from "./floor.ts";
export type { SeenMark } from "./marks.ts";
export type { Outline } from "./outlines.ts";
export {
  type BodyRegion,
  type ClipPerson,
  doubtfulFrames,
  emptyCovering,
  emptyFrames,
  type FittedPerson,
  type FrameFit,
  type SceneFile,
  TRACK_FORMAT,
  trackClip,
  type TrackClipOptions,
  type TrackedClip,
  trackedFrames,
  trackFiles,
  type Watched,
  type WatchedClip,
  watchedRate,
  type WatchOptions,
  writeTrack,
} from "./clip/mod.ts";
