/**
 * Posed bodies as pictures for people.
 * @module
 */
import {
  bodyLayer,
  type BodyMesh,
  type BodyPose,
  type Camera,
  normalColours,
} from "../geometry/mod.ts";

/** Grey behind the body of a normal map. */
const BACKDROP = 24;

/**
 * Draws the bodies' normals in the usual colours of normal maps (red to the right, green up, blue to
 * the viewer): what the model is told about pose and camera. rgb24 of the camera's size.
 */
export function bodyPicture(
  body: BodyMesh,
  poses: readonly BodyPose[],
  camera: Camera,
): Uint8Array {
  const posed = poses.map((pose) => body.pose(pose).vertices);
  return normalColours(bodyLayer(body, posed, camera), BACKDROP);
}
