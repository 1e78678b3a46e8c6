/**
 * Door of what is told of a clip's camera.
 * @module
 */
export { type Corner, corners } from "./corners.ts";
export { followCorners, type GreyLevels, greyLevels } from "./follow.ts";
export { IDENTITY, inverted, moved } from "./homography.ts";
export { type CameraMotion, CameraWatcher } from "./motion.ts";
export { blurred, type Channel, gradientOf, halved, type Polar } from "./picture_channels.ts";
export { takenStill, takenTurning, takenTurns } from "./taken.ts";
