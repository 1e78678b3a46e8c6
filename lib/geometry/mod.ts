/**
 * Door of the geometry: bodies, motions, cameras, projection and rasterising, in plain typed arrays.
 * @module
 */
export { type BodyMesh, loadBody, makeBody, type PosedBody, type PoseInput } from "./body.ts";
export { type SmplArrays, smplBody, type SmplBodyOptions } from "./body_smpl.ts";
export type { BodyState, BodyTensor } from "./body_state.ts";
export { type BodyPart, partVertices, pickVertices } from "./body_parts.ts";
export { median } from "./median.ts";
export { conjugateGradients, solve } from "./solve.ts";
export { Random } from "./random.ts";
export { samplePoints, type SurfaceSamples, surfaceSamples } from "./surface.ts";
export { builtinMotion, type BuiltinMotionOptions, motionNames } from "./builtin_motion.ts";
export {
  fillGaps,
  groundMotion,
  type Motion,
  motionFrame,
  resampleMotion,
  type ResampleOptions,
  rotateMotion,
} from "./motion.ts";
export { parseSmoothing, type Smoothing, smoothMotion } from "./smoothing.ts";
export {
  between,
  fromAxisAngle,
  inverse,
  matrixToAxisAngle,
  multiply,
  type Quaternion,
  rotate,
  slerp,
  toAxisAngle,
} from "./quaternion.ts";
export { fitStride, retargetMotion, type SourceJoint, type SourceMotion } from "./retarget.ts";
export {
  JOINT_COUNT,
  JOINT_NAMES,
  JOINT_PARENTS,
  type JointName,
  NOMINAL_JOINTS,
} from "./skeleton.ts";
export {
  type Camera,
  cameraCentre,
  type CameraPath,
  coverCamera,
  type Lens,
  lookAt,
  scaleCamera,
  shiftCamera,
  sizeWithin,
  type Vec3,
} from "./camera.ts";
export {
  type CameraFormat,
  cameraFormatOf,
  cameraFormats,
  type CameraTextOptions,
  formatCameraText,
  parseCameraText,
} from "./camera_formats.ts";
export { type ColmapModel, formatColmap, isColmapImages, parseColmap } from "./camera_colmap.ts";
export { formatCameras, parseCameraRecord, parseCameras } from "./camera_json.ts";
export { formatNerfFrames, type NerfFrame, nerfPicture } from "./camera_nerf.ts";
export {
  boundsOf,
  cameraPathNames,
  type CameraPathOptions,
  defaultFraming,
  parseCameraPath,
  type SubjectBounds,
} from "./camera_path.ts";
export {
  anchorCameras,
  type CameraTrack,
  evenTrack,
  resampleCameras,
  scaleTrack,
  trackFrames,
} from "./camera_track.ts";
export { seenByOther } from "./other_camera.ts";
export { pluckerImages, pluckerRays } from "./plucker.ts";
export { alignPoints, applySimilarity, meanDistance, type Similarity } from "./procrustes.ts";
export { projectPoints, regionAround, toNdc } from "./projection.ts";
export {
  clearTarget,
  rasterise,
  type RasterMesh,
  type RasterTarget,
  rasterTarget,
} from "./raster.ts";
export { visiblePoints } from "./raster_visibility.ts";
export { type BodyLayer, bodyLayer } from "./body_layer.ts";
export { normalColours, normalMap, normalMaps } from "./normal_map.ts";
export { addVertexNormals } from "./vertex_normals.ts";
export {
  type BodyPointOptions,
  type BodyPoints,
  bodyPoints,
  type BodyPose,
  latentPoses,
  type MeanPelvis,
  type PersonTrack,
  planeDepth,
  type ReferencePositions,
  referencePositions,
} from "./body_points.ts";
