/**
 * Door of the key points: reading detectors' files and fitting a body to a person in them.
 * @module
 */
export { fitKeypoints, type FitOptions, type KeypointFit } from "./fit.ts";
export { fitFile, type FittedFile } from "./fit_file.ts";
export { type Landmark, landmarksOf } from "./landmarks.ts";
export type { SpotName } from "./names.ts";
export { type DetectedPerson, type Keypoint, readKeypoints } from "./read.ts";
