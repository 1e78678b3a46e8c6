/**
 * Door of the data: motions from files and by name, the body asset, synthetic humans, data sets.
 * @module
 */
export { bodyPath, readBody } from "./body_file.ts";
export { writeBvh } from "./bvh_write.ts";
export {
  type CaptureName,
  captureNames,
  capturesPath,
  namedCaptures,
  packCaptures,
  readCaptures,
} from "./captured_motions.ts";
export { loadCameras, type LoadedCameras, readCameras, writeCameras } from "./camera_files.ts";
export {
  Dataset,
  type DatasetIndex,
  listRecordings,
  openDataset,
  readRecordings,
  type ShardProgress,
  writeDataset,
  type WriteDatasetOptions,
} from "./dataset/mod.ts";
export {
  exportMotion,
  losesHands,
  motionForBody,
  type MotionLayout,
  type SmplMotion,
  smplMotion,
  type SmplMotionOptions,
} from "./motion_export.ts";
export {
  checkBuiltin,
  type LoadedMotion,
  loadMotion,
  type LoadMotionOptions,
  type MotionExtras,
  writeMotion,
} from "./motion_files.ts";
export {
  type PackedPerson,
  packPeople,
  peoplePath,
  readTextured,
  readTexturedPeople,
} from "./textured_people.ts";
export {
  type PackedPlace,
  packPlaces,
  placesPath,
  readPhotographed,
  readPlaces,
} from "./photographed_places.ts";
export { type MotionSpec, parseMotionSpec } from "./motion_spec.ts";
export {
  type CameraKind,
  type ClipKind,
  type ClipOptions,
  contactSheet,
  type GroupOptions,
  HELD_OUT_NUMBER,
  HELD_OUT_SEED,
  type NamedMotion,
  personShape,
  type PhotographedPlaces,
  type Pools,
  type ReferenceEstimate,
  type ReferenceOptions,
  renderClip,
  renderGroup,
  renderReference,
  seedOfNumber,
  type Surroundings,
  type SynthClip,
  type SynthFraming,
  type SynthPeople,
  type SynthPerson,
  type SynthReference,
  type Textured,
  type TexturedPerson,
} from "./synth/mod.ts";
export {
  type CheckedVideo,
  type FileStamp,
  hasHumans,
  type HumanClip,
  type HumanClipOptions,
  type HumanClips,
  type HumanTrack,
  type IndexedVideos,
  indexVideos,
  type IndexVideosOptions,
  type LeftOut,
  openHumanClips,
  openVideoIndex,
  readVideoIndex,
  readWindow,
  readWindowMask,
  sizeAtSide,
  VIDEO_INDEX_NAME,
  type VideoEntry,
  type VideoIndex,
  type VideoList,
  windowCount,
  type WindowOptions,
} from "./videos/mod.ts";
