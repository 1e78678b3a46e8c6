/**
 * Door of the data: motions from files and by name, the body asset, synthetic humans, data sets.
 * @module
 */
export { bodyPath, readBody } from "./body_file.ts";
export { loadCameras, type LoadedCameras, readCameras, writeCameras } from "./camera_files.ts";
export {
  Dataset,
  type DatasetIndex,
  openDataset,
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
  type LoadedMotion,
  loadMotion,
  type LoadMotionOptions,
  writeMotion,
} from "./motion_files.ts";
export { type MotionSpec, parseMotionSpec } from "./motion_spec.ts";
export {
  type CameraKind,
  cameraKinds,
  type ClipOptions,
  contactSheet,
  HELD_OUT_SEED,
  personShape,
  type ReferenceOptions,
  renderClip,
  renderReference,
  type SynthClip,
  type SynthReference,
} from "./synth/mod.ts";
