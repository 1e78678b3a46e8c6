/**
 * Synthetic humans: dressed people who move through rooms and open ground before moving cameras.
 * @module
 */
export { type CameraKind, cameraKinds } from "./camera_moves.ts";
export {
  type ClipOptions,
  type GroupOptions,
  personShape,
  type ReferenceOptions,
  renderClip,
  renderGroup,
  renderReference,
  type SynthClip,
  type SynthPerson,
} from "./clip.ts";
export { contactSheet, sheetColumns } from "./contact_sheet.ts";
export { type ReferenceEstimate } from "./estimate.ts";
export { type SynthFraming, synthFramings } from "./framing.ts";
export {
  type ClipKind,
  clipKinds,
  HELD_OUT_NUMBER,
  HELD_OUT_SEED,
  numberOfSeed,
  type Pools,
  seedOfNumber,
} from "./pools.ts";
export { checkDressable } from "./person.ts";
export type { Textured } from "./figure_pick.ts";
export type { NamedMotion } from "./recorded.ts";
export type { PhotographedPlaces, Surroundings } from "./surroundings.ts";
export { textureOf } from "./texture.ts";
export { type SynthPeople, synthPeople, type TexturedPerson } from "./textured.ts";
export type { SynthReference } from "./reference.ts";
