/**
 * Door of motions: by name, from the files of many programs, and into the files of others.
 * @module
 */
export { checkBuiltin } from "./builtin_names.ts";
export { writeBvh } from "./bvh_write.ts";
export { type GlbOptions, writeGlb } from "./glb_write.ts";
export {
  type CaptureName,
  captureNames,
  capturesPath,
  namedCaptures,
  packCaptures,
  readCaptures,
} from "./captured.ts";
export {
  exportMotion,
  losesHands,
  motionForBody,
  type MotionLayout,
  type SmplMotion,
  smplMotion,
  type SmplMotionOptions,
} from "./export_motion.ts";
export {
  type LoadedMotion,
  loadMotion,
  type LoadMotionOptions,
  type MotionExtras,
  writeMotion,
} from "./load_motion.ts";
export { readMotionFile } from "./read_motion_file.ts";
export { type MotionSpec, parseMotionSpec } from "./motion_spec.ts";
