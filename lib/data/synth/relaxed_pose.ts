/**
 * Standing at ease: arms hanging or a little spread.
 * @module
 */
import {
  type BodyMesh,
  groundMotion,
  JOINT_NAMES,
  type Motion,
  type Random,
} from "../../geometry/mod.ts";

/** The motion, higher up. */
export function raised(motion: Motion, by: number): Motion {
  if (by === 0) return motion;
  return {
    ...motion,
    translations: motion.translations.map((value, i) => i % 3 === 1 ? value + by : value),
  };
}

/** One frame of a person who stands on the origin, facing +Z give or take. */
export function relaxedPose(body: BodyMesh, random: Random, shape: Float32Array): Motion {
  const pose = new Float32Array(72);
  const set = (name: typeof JOINT_NAMES[number], x: number, y: number, z: number) => {
    pose.set([x, y, z], JOINT_NAMES.indexOf(name) * 3);
  };
  const vary = (size: number) => random.normal() * size;
  const down = random.range(0.75, 1.25);
  set("left_shoulder", vary(0.08), vary(0.1), -down + vary(0.05));
  set("right_shoulder", vary(0.08), vary(0.1), down + vary(0.05));
  set("left_elbow", 0, -Math.abs(vary(0.3)), 0);
  set("right_elbow", 0, Math.abs(vary(0.3)), 0);
  const spread = random.range(0, 0.12);
  set("left_hip", vary(0.04), vary(0.06), spread);
  set("right_hip", vary(0.04), vary(0.06), -spread);
  set("spine2", vary(0.04), vary(0.06), vary(0.03));
  set("neck", vary(0.06), vary(0.15), vary(0.05));
  pose[1] = vary(0.3);
  const motion = { fps: 1, frames: 1, poses: pose, translations: new Float32Array(3) };
  return groundMotion(motion, body, shape);
}
