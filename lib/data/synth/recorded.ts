/**
 * Recorded motions for synthetic people: any moment of a file, turned any way.
 * @module
 */
import {
  type BodyMesh,
  fitStride,
  type Motion,
  motionFrame,
  type Random,
  resampleMotion,
  rotateMotion,
} from "../../geometry/mod.ts";

/** A motion and the name that records give it. */
export interface NamedMotion {
  readonly motion: Motion;
  readonly motionName: string;
  /** Whether it was made for `NOMINAL_JOINTS`: then places grow with the legs of whoever does it. */
  readonly nominal?: boolean;
}

/** What a window of a recording is cut for. */
export interface WindowOptions {
  readonly body: BodyMesh;
  readonly shape: Float32Array;
  readonly frames: number;
  readonly fps: number;
}

/** `frames` frames of one of the recordings, on the floor, from x = z = 0, in any direction. */
export function drawRecorded(
  recordings: readonly NamedMotion[],
  random: Random,
  { body, shape, frames, fps }: WindowOptions,
): NamedMotion {
  const { motion, motionName, nominal } = random.pick(recordings);
  const spare = (motion.frames - 1) / motion.fps - (frames - 1) / fps;
  const start = random.range(0, Math.max(0, spare));
  const half = random.range(-Math.PI, Math.PI) / 2;
  const pelvis = body.poseJoints({ pose: new Float32Array(72), shape }).subarray(0, 3);
  const window = resampleMotion(motion, { fps, frames, start });
  const turned = rotateMotion(
    nominal ? fitStride(window, body, shape) : window,
    [Math.cos(half), 0, Math.sin(half), 0],
    pelvis,
  );
  return { motion: onFloor(turned, body, shape), motionName };
}

/** The lowest moment touches the floor: nobody sinks in, and who jumps at first is in the air. */
function onFloor(motion: Motion, body: BodyMesh, shape: Float32Array): Motion {
  let lowest = Infinity;
  for (let frame = 0; frame < motion.frames; frame++) {
    const { vertices } = body.pose({ ...motionFrame(motion, frame), shape });
    for (const corner of body.bodyFaces) lowest = Math.min(lowest, vertices[corner * 3 + 1]);
  }
  const { 0: x, 2: z } = body.poseJoints({ ...motionFrame(motion, 0), shape });
  const shift = [-x, -lowest, -z];
  return { ...motion, translations: motion.translations.map((value, i) => value + shift[i % 3]) };
}
