/**
 * What geometry is read from and written to: bodies, motions and cameras in the files of many programs.
 * @module
 */
export {
  bodyPath,
  type CameraFileKind,
  exportMotion,
  type GlbOptions,
  loadCameras,
  type LoadedCameras,
  type LoadedMotion,
  loadMotion,
  type LoadMotionOptions,
  type MotionExtras,
  type MotionLayout,
  readBody,
  readCameras,
  type ReadCamerasOptions,
  type SmplMotion,
  smplMotion,
  type SmplMotionOptions,
  writeBvh,
  writeCameras,
  writeGlb,
  writeMotion,
} from "../lib/data/mod.ts";
