/**
 * A body fitted to a person in a photograph: a clip of one frame, in which what lies beyond the
 * picture stands as people do.
 * @module
 */
import { type BodyMesh, type BodyPose, type Camera, motionFrame } from "../../geometry/mod.ts";
import { fitClip } from "../fit_clip.ts";
import { type SeenPhoto, standingBeyond } from "./standing.ts";

/** A body in a photograph. World: Y up, the floor at 0, the camera over x = z = 0; metres. */
export interface PhotoFit {
  /** Pose, place and shape. */
  readonly body: BodyPose & Required<Pick<BodyPose, "shape">>;
  /** Of the photograph's size. */
  readonly camera: Camera;
  /** Mean distance of the landmarks from the body's spots, as a share of the body's height. */
  readonly error: number;
}

/** No other frame outvotes a landmark: one that lies far off the first guess is right more often than not. */
const ROBUST = 8;

/** Fits body and camera to a person whom the networks saw. */
export function fitPhoto(
  photo: SeenPhoto,
  { body, signal }: { readonly body: BodyMesh; readonly signal?: AbortSignal },
): PhotoFit {
  const { width, height } = photo;
  const frames = [standingBeyond(photo, body)];
  const { motion, shape, cameras: [camera], errors: [error] } = fitClip(
    { width, height, fps: 1, frames },
    { body, robust: ROBUST, signal },
  );
  return { body: { ...motionFrame(motion, 0), shape }, camera, error };
}
