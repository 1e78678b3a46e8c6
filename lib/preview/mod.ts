/**
 * Door of the preview: a job looked at and checked before any model sees it.
 * @module
 */
export { bodyPicture } from "./body_picture.ts";
export {
  contactSheet,
  labelSheet,
  type SheetContent,
  type SheetLabels,
  stackPictures,
  stackSheet,
} from "./contact_sheet.ts";
export type { FrameFacts } from "./facts.ts";
export {
  type DrawOptions,
  drawPreview,
  type InspectedJob,
  inspectJob,
  inspectScene,
  inspectViews,
  type PreviewOptions,
} from "./preview.ts";
export type { ReferenceFit } from "./reference_checks.ts";
export type { FrameRange, PreviewWarning, WarningKind } from "./warnings.ts";
export { type TrackDrawing, trackVideo } from "./track_pictures.ts";
export { drawTrackSheet } from "./track_sheet.ts";
