/**
 * Door of a job's scene: persons, motions, cameras and background, before any model has worked.
 * @module
 */
export { type BackgroundFrames, checkBackground, openBackground } from "./background.ts";
export { type DrivingOptions, drivingTrack, drivingVideo } from "./driving.ts";
export { keepClip, keepFrames, keepKnown } from "./keep_known.ts";
export {
  drawFrame,
  drawScene,
  dressedBodies,
  type KnownScene,
  mapped,
  paintKnown,
  paintScene,
  sceneFrames,
} from "./painted_scene.ts";
export { sizedAsInputs } from "./photo_size.ts";
export type { PersonMotion } from "./person_motion.ts";
export { personMask, withoutOthers } from "./person_mask.ts";
export { formatPose, type LoadedReference, loadReference } from "./reference.ts";
export { scaleScene } from "./scaled_scene.ts";
export { camerasOf, layAround } from "./cameras.ts";
export { sizeInShape } from "./size_in_shape.ts";
export { loadScene, type OnNotice, type Scene, type ScenePerson } from "./scene.ts";
export { shownSeconds } from "./time_map.ts";
