/**
 * Door of what is seen in real pictures: persons, their landmarks and masks.
 * @module
 */
export type {
  BodyLandmarks,
  Box,
  FaceLandmarks,
  HandLandmarks,
  PersonMask,
  SeenFrame,
  SeenPerson,
} from "./types.ts";
export { bodySpots } from "./types.ts";
export { bringNetworks, checkNetworks, missingNetworks, networkPackage } from "./network_files.ts";
export type { LookOptions } from "./look.ts";
export { type MarkPath, MarkWatcher } from "./marks.ts";
export type { NetworkFilesOptions } from "./network_files.ts";
export type { NetworksOptions } from "./networks.ts";
export type { Rgb, Square } from "./picture.ts";
export {
  type Followed,
  type FollowedFrame,
  type Following,
  perceivePhoto,
  type TrackOptions,
  trackPersons,
} from "./track.ts";
export { blurred, type Channel, corners, gradientOf, halved, type Polar } from "./camera/mod.ts";
export {
  type CameraMotion,
  CameraWatcher,
  takenStill,
  takenTurning,
  takenTurns,
} from "./camera/mod.ts";
export {
  type EmptyScene,
  sceneFrame,
  SceneKeeper,
  type ShowOptions,
  withoutPersons,
  withoutThem,
} from "./scene/mod.ts";
