/**
 * What is seen of persons in real pictures: landmarks of body, hands and face, and masks.
 * @module
 */
export {
  type BodyLandmarks,
  bodySpots,
  type Box,
  type FaceLandmarks,
  type HandLandmarks,
  type LookOptions,
  type NetworkFilesOptions,
  type NetworksOptions,
  perceivePhoto,
  type PersonMask,
  type SeenFrame,
  type SeenPerson,
  type TrackOptions,
  trackPersons,
} from "../lib/perception/mod.ts";
