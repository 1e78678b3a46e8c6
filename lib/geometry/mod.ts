/**
 * Door of the geometry: bodies, motions, cameras, projection and rasterising, in plain typed arrays.
 * @module
 */
export {
  type BodyMesh,
  JOINT_COUNT,
  JOINT_NAMES,
  loadBody,
  makeBody,
  type PosedBody,
  type PoseInput,
  type SmplArrays,
  smplBody,
} from "./body.ts";
export type { BodyState, BodyTensor } from "./body_state.ts";
export { Random } from "./random.ts";
export { samplePoints, type SurfaceSamples, surfaceSamples } from "./surface.ts";
