/**
 * Synthetic humans: dressed people who move through rooms and open ground before moving cameras.
 * @module
 */
export { type CameraKind, cameraKinds } from "./camera_moves.ts";
export {
  type ClipOptions,
  HELD_OUT_SEED,
  personShape,
  type ReferenceOptions,
  renderClip,
  renderReference,
  type SynthClip,
  type SynthReference,
} from "./clip.ts";
export { contactSheet } from "./contact_sheet.ts";
