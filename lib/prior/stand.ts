/**
 * Where a pose has a body's joints, and places that go along with them.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  fromAxisAngle,
  inverse,
  multiply,
  type Quaternion,
  rotate,
} from "../geometry/mod.ts";

/** Where a joint is in the world, and how it is turned. */
export interface JointStand {
  /** Metres, [3]. */
  readonly at: Float32Array;
  readonly turn: Quaternion;
}

/** All joints of a posed body. */
export function standOf(body: BodyMesh, pose: BodyPose): JointStand[] {
  const joints = body.poseJoints(pose);
  const turns: Quaternion[] = [];
  for (let joint = 0; joint < joints.length / 3; joint++) {
    const own = fromAxisAngle(pose.pose, joint * 3), parent = body.parents[joint];
    turns.push(parent < 0 ? own : multiply(turns[parent], own));
  }
  return turns.map((turn, joint) => ({ at: joints.subarray(joint * 3, joint * 3 + 3), turn }));
}

/** Places [N·3] of the world from a joint, in the joint's axes. */
export function localTo({ at, turn }: JointStand, places: Float32Array): Float32Array {
  const back = inverse(turn);
  const out = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 3) {
    out.set(rotate(back, [0, 1, 2].map((c) => places[i + c] - at[c])), i);
  }
  return out;
}
