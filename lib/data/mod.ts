/**
 * Door of the data: motions from files and by name, synthetic humans.
 * @module
 */
export {
  type LoadedMotion,
  loadMotion,
  type LoadMotionOptions,
  writeMotion,
} from "./motion_files.ts";
export {
  type CameraKind,
  cameraKinds,
  type ClipOptions,
  HELD_OUT_SEED,
  personShape,
  type ReferenceOptions,
  type ReferencePose,
  renderClip,
  renderReference,
  type SynthClip,
  type SynthReference,
} from "./synth/mod.ts";
