/**
 * How well a fitted body covers the person's mask.
 * @module
 */
import {
  bodyLayer,
  type BodyMesh,
  type Camera,
  type Motion,
  motionFrame,
  scaleCamera,
} from "../../geometry/mod.ts";
import type { PersonMask } from "../../perception/mod.ts";

/** Longer side of the pictures that are compared, pixels. */
const SIDE = 160;

/** A body that moves before cameras. */
export interface MovingBody {
  readonly body: BodyMesh;
  readonly motion: Motion;
  readonly shape?: ArrayLike<number>;
  /** One a frame. */
  readonly cameras: readonly Camera[];
}

/** Intersection over union of a frame's body with a mask; 0 where neither is in the picture. */
export function coverage(
  { body, motion, shape, cameras }: MovingBody,
  frame: number,
  mask: PersonMask,
): number {
  const camera = cameras[frame];
  const share = SIDE / Math.max(camera.width, camera.height);
  const size = {
    width: Math.max(1, Math.round(camera.width * share)),
    height: Math.max(1, Math.round(camera.height * share)),
  };
  const { vertices } = body.pose({ ...motionFrame(motion, frame), shape });
  const { person } = bodyLayer(body, [vertices], scaleCamera(camera, size));
  let [both, either] = [0, 0];
  for (let i = 0; i < person.length; i++) {
    const x = Math.floor((i % size.width + 0.5) * mask.width / size.width);
    const y = Math.floor((Math.floor(i / size.width) + 0.5) * mask.height / size.height);
    const [own, other] = [person[i] >= 0, mask.data[y * mask.width + x] >= 128];
    if (own && other) both++;
    if (own || other) either++;
  }
  return both / Math.max(1, either);
}
