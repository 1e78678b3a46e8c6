/**
 * Motion of other skeletons, carried over to SMPL's joints: bones point where the source's point,
 * lengths are the body's, feet stay where they stand.
 * @module
 */
import type { BodyMesh } from "./body.ts";
import type { Motion } from "./motion.ts";
import { plantFeet } from "./retarget_feet.ts";
import {
  between,
  inverse,
  multiply,
  type Quaternion,
  rotate,
  slerp,
  toAxisAngle,
} from "./quaternion.ts";
import {
  JOINT_NAMES,
  JOINT_PARENTS,
  jointIndex,
  type JointName,
  NOMINAL_JOINTS,
} from "./skeleton.ts";

// J source joints, N frames

/** A joint of another skeleton. */
export interface SourceJoint {
  /** The joint of SMPL that turns as this one does. */
  readonly drives?: JointName;
  /** Number of its parent, which comes first; −1 for the root. */
  readonly parent: number;
  /** Place in the parent's frame, in any unit. Rest pose: faces +Z, Y up, left is +X, no turns. */
  readonly offset: readonly number[];
}

/** Motion of another skeleton. */
export interface SourceMotion {
  /** Frames a second. */
  readonly fps: number;
  /** A parent before its children. */
  readonly joints: readonly SourceJoint[];
  /** [N][J] turns relative to the parent. */
  readonly turns: readonly (readonly Quaternion[])[];
  /** [N] places of the root, in the unit of the offsets, the floor at height 0. */
  readonly roots: readonly (readonly number[])[];
}

/** Rotations and places of the joints in the world. */
export interface WorldPose {
  readonly turns: Quaternion[];
  readonly places: number[][];
}

const IDENTITY: Quaternion = [1, 0, 0, 0];
const DOWN = [0, -1, 0];
/** Limbs whose direction at rest may differ between skeletons, with the joint they point at. */
const LIMBS = (["left", "right"] as const).flatMap((side) =>
  [["hip", "knee"], ["knee", "ankle"], ["shoulder", "elbow"], ["elbow", "wrist"]].map(
    ([from, to]) => [`${side}_${from}`, `${side}_${to}`] as [JointName, JointName],
  )
);
/** Chains in which joints that nothing drives share the turn between those that something does. */
const SHARED: readonly (readonly JointName[])[] = [
  ["pelvis", "spine1", "spine2", "spine3"],
  ["spine3", "neck", "head"],
];

/** Where the source's joints are in a frame. */
function sourceWorld({ joints, turns, roots }: SourceMotion, frame: number): WorldPose {
  const world: WorldPose = { turns: [], places: [] };
  joints.forEach(({ parent, offset }, joint) => {
    const own = turns[frame][joint];
    if (parent < 0) {
      world.turns.push(own);
      world.places.push([...roots[frame]]);
      return;
    }
    const arm = rotate(world.turns[parent], offset);
    world.turns.push(multiply(world.turns[parent], own));
    world.places.push(world.places[parent].map((value, axis) => value + arm[axis]));
  });
  return world;
}

/**
 * The motion for the body of common proportions (`NOMINAL_JOINTS`).
 * Hips, knees and ankles of both sides have to drive joints.
 */
export function retargetMotion(source: SourceMotion): Motion {
  const drivers = new Map<JointName, number>();
  source.joints.forEach(({ drives }, joint) => drives && drivers.set(drives, joint));
  const rest = sourceWorld(
    { ...source, turns: [source.joints.map(() => IDENTITY)], roots: [[0, 0, 0]] },
    0,
  );
  const aligned = alignments(drivers, rest.places);
  const scale = legLength((name) => nominal(name)) /
    legLength((name) => rest.places[drivers.get(name)!]);
  const frames = source.turns.length;
  const worlds: Quaternion[][] = [];
  const pelvises: number[][] = [];
  const ankles: number[][][] = [];
  const hips = middle(nominal("left_hip"), nominal("right_hip")).map((value, axis) =>
    value - nominal("pelvis")[axis]
  );
  for (let frame = 0; frame < frames; frame++) {
    const { turns, places } = sourceWorld(source, frame);
    const own = JOINT_NAMES.map((name, joint) => {
      const driver = drivers.get(name);
      return driver === undefined ? undefined : multiply(turns[driver], aligned[joint]);
    });
    const world = filled(own);
    const at = (name: JointName) => places[drivers.get(name)!].map((value) => value * scale);
    // The hips meet, not the pelvises: skeletons put these at different heights.
    const arm = rotate(world[0], hips);
    pelvises.push(middle(at("left_hip"), at("right_hip")).map((value, axis) => value - arm[axis]));
    ankles.push([at("left_ankle"), at("right_ankle")]);
    worlds.push(world);
  }
  plantFeet({ fps: source.fps, worlds, pelvises, ankles });
  return toMotion(source.fps, worlds, pelvises);
}

/**
 * A motion made for `NOMINAL_JOINTS` on another body: longer legs make longer steps, else the feet
 * would slide.
 */
export function fitStride(motion: Motion, body: BodyMesh, shape?: ArrayLike<number>): Motion {
  const joints = body.poseJoints({ pose: new Float32Array(72), shape });
  const legs = (all: ArrayLike<number>) =>
    legLength((name) => [0, 1, 2].map((axis) => all[jointIndex(name) * 3 + axis]));
  const by = legs(joints) / legs(NOMINAL_JOINTS);
  return {
    ...motion,
    translations: motion.translations.map((value, i) =>
      by * (NOMINAL_JOINTS[i % 3] + value) - joints[i % 3]
    ),
  };
}

/** What turns the body's rest pose into the source's, by joint of SMPL. */
function alignments(drivers: Map<JointName, number>, places: readonly number[][]): Quaternion[] {
  const out = JOINT_NAMES.map(() => IDENTITY);
  for (const [from, to] of LIMBS) {
    const [a, b] = [drivers.get(from), drivers.get(to)];
    if (a === undefined || b === undefined) continue;
    const wanted = places[b].map((value, axis) => value - places[a][axis]);
    const own = nominal(to).map((value, axis) => value - nominal(from)[axis]);
    out[jointIndex(from)] = between(own, wanted);
    // A sole is as level as the shin above it is upright.
    if (to.endsWith("ankle")) out[jointIndex(to)] = between(DOWN, wanted);
    if (to.endsWith("wrist")) out[jointIndex(to)] = out[jointIndex(from)];
  }
  return out;
}

/** All joints' turns in the world; undriven ones share a turn along their chain or go with the parent. */
function filled(own: readonly (Quaternion | undefined)[]): Quaternion[] {
  const world = [...own];
  for (const chain of SHARED) {
    const joints = chain.map(jointIndex);
    const last = joints.findLastIndex((joint) => own[joint]);
    for (let i = 1, from = 0; i <= last; i++) {
      if (own[joints[i]]) from = i;
      const to = joints.findIndex((joint, place) => place > from && own[joint]);
      if (own[joints[i]] || to < 0) continue;
      const start = world[joints[from]] ?? IDENTITY;
      world[joints[i]] = slerp(start, own[joints[to]]!, (i - from) / (to - from));
    }
  }
  for (let joint = 0; joint < world.length; joint++) {
    const parent = JOINT_PARENTS[joint];
    world[joint] ??= parent < 0 ? IDENTITY : world[parent];
  }
  return world as Quaternion[];
}

function toMotion(
  fps: number,
  worlds: readonly Quaternion[][],
  pelvises: readonly number[][],
): Motion {
  const frames = worlds.length;
  const poses = new Float32Array(frames * 72), translations = new Float32Array(frames * 3);
  for (let frame = 0; frame < frames; frame++) {
    worlds[frame].forEach((world, joint) => {
      const parent = JOINT_PARENTS[joint];
      const local = parent < 0 ? world : multiply(inverse(worlds[frame][parent]), world);
      poses.set(toAxisAngle(local), frame * 72 + joint * 3);
    });
    const shift = pelvises[frame].map((value, axis) => value - nominal("pelvis")[axis]);
    translations.set(shift, frame * 3);
  }
  return { fps, frames, poses, translations };
}

function nominal(name: JointName): number[] {
  const at = jointIndex(name) * 3;
  return [...NOMINAL_JOINTS.subarray(at, at + 3)];
}

function legLength(place: (name: JointName) => readonly number[]): number {
  const chain = (side: "left" | "right") =>
    distance(place(`${side}_hip`), place(`${side}_knee`)) +
    distance(place(`${side}_knee`), place(`${side}_ankle`));
  return (chain("left") + chain("right")) / 2;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, axis) => value - b[axis]));
}

function middle(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, axis) => (value + b[axis]) / 2);
}
