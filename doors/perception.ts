/**
 * What is seen in real pictures: persons with landmarks of body, hands and face, and masks; how the
 * camera moves; the scene without anybody.
 * @module
 */
export {
  type BodyLandmarks,
  bodySpots,
  type Box,
  type CameraMotion,
  CameraWatcher,
  type EmptyScene,
  type FaceLandmarks,
  type HandLandmarks,
  type LookOptions,
  type NetworkFilesOptions,
  type NetworksOptions,
  perceivePhoto,
  type PersonMask,
  type Rgb,
  sceneFrame,
  SceneKeeper,
  type SeenFrame,
  type SeenPerson,
  type ShowOptions,
  type TrackOptions,
  trackPersons,
  withoutPersons,
  withoutThem,
} from "../lib/perception/mod.ts";
export {
  type ClipFit,
  type ClipFitOptions,
  fitClip,
  fitPhotoFile,
  type FittedPhoto,
  type FrameFit,
  type PhotoFileOptions,
  type SeenClip,
  trackClip,
  type TrackClipOptions,
  type TrackedClip,
  writeTrack,
} from "../lib/track/mod.ts";
