/**
 * A body that one camera sees, placed where another one sees it alike.
 * @module
 */
import type { BodyMesh } from "./body.ts";
import type { BodyPose } from "./body_points.ts";
import type { Camera } from "./camera.ts";
import { apply, multiply as product, transpose } from "./camera_math.ts";
import { fromAxisAngle, matrixToAxisAngle, multiply, toAxisAngle } from "./quaternion.ts";

/**
 * The pose with which `to` sees the body as `from` does: turned with the camera, and as near as the lens
 * wants it. Where focal lengths differ, so does what perspective does within the body.
 */
export function seenByOther(
  body: BodyMesh,
  { pose, translation, shape }: BodyPose,
  { from, to }: { readonly from: Camera; readonly to: Camera },
): BodyPose {
  const pelvis = body.poseJoints({ pose, translation, shape }).subarray(0, 3);
  const seen = apply(from.rotation, pelvis).map((value, c) => value + from.translation[c]);
  seen[2] *= to.fx / to.width * from.width / from.fx;
  const back = transpose(to.rotation);
  const place = apply(back, seen.map((value, c) => value - to.translation[c]));
  const turn = fromAxisAngle(matrixToAxisAngle(product(back, from.rotation)));
  const turned = pose.slice();
  turned.set(toAxisAngle(multiply(turn, fromAxisAngle(pose))));
  const [x, y, z] = translation.map((value, c) => value + place[c] - pelvis[c]);
  return { pose: turned, translation: [x, y, z], shape };
}
