/**
 * Door of motions: by name, from the files of many programs, and into the files of others.
 * @module
 */
export { writeBvh } from "./bvh_write.ts";
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
  checkBuiltin,
  type LoadedMotion,
  loadMotion,
  type LoadMotionOptions,
  type MotionExtras,
  readMotionFile,
  writeMotion,
} from "./load_motion.ts";
export { type MotionSpec, parseMotionSpec } from "./motion_spec.ts";
