/**
 * Door of following: what a result does, against what its job asked for.
 * @module
 */
export { AskedBodies, type AskedFrame, type JointPlace } from "./asked.ts";
export { epipolarError } from "./camera_error.ts";
export {
  type Asked,
  type FollowFrame,
  type FollowOptions,
  type FollowScores,
  followScores,
} from "./scores.ts";
