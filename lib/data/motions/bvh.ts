/**
 * Motion capture as BVH (Biovision hierarchy): CMU's recordings, and other skeletons whose joints
 * have names that say where they are.
 * @module
 */

import { InputError } from "../../errors.ts";
import {
  type JointName,
  multiply,
  type Quaternion,
  retargetMotion,
  type SourceJoint,
  type SourceMotion,
} from "../../geometry/mod.ts";
import { readText } from "../../io/mod.ts";
import type { MotionFile } from "./motion_file.ts";

/** Joints of the spine, from below, by how many a skeleton has. */
const SPINES: readonly (readonly JointName[])[] = [
  [],
  ["spine3"],
  ["spine1", "spine3"],
  ["spine1", "spine2", "spine3"],
];
const SPINE = /^(?:lowerback|abdomen|ab|torso|spine\d*|chest\d*)$/;
/** Mixamo's prefix, whose colon some exporters drop. */
const MIXAMO = /^mixamorig\d*/;
/** Other names in small letters, without prefix. */
const MIDDLE: Readonly<Record<string, JointName>> = {
  hips: "pelvis",
  hip: "pelvis",
  pelvis: "pelvis",
  neck: "neck",
  head: "head",
};
/** Names after `left` or `right`. */
const SIDED: Readonly<Record<string, string>> = {
  upleg: "hip",
  hip: "hip",
  thigh: "hip",
  leg: "knee",
  knee: "knee",
  shin: "knee",
  foot: "ankle",
  ankle: "ankle",
  toebase: "foot",
  toes: "foot",
  toe: "foot",
  shoulder: "collar",
  collar: "collar",
  arm: "shoulder",
  uparm: "shoulder",
  forearm: "elbow",
  lowarm: "elbow",
  elbow: "elbow",
  hand: "wrist",
  wrist: "wrist",
};
const NEEDED = (["left", "right"] as const).flatMap((side) =>
  (["hip", "knee", "ankle"] as const).map((name): JointName => `${side}_${name}`)
);

interface Joint extends SourceJoint {
  readonly name: string;
  /** Names of its channels, such as `Zrotation`. */
  readonly channels: readonly string[];
}

/** Reads a BVH file. Throws InputError for anything else and for skeletons without two legs. */
export async function readBvhMotion(path: string): Promise<MotionFile> {
  const text = await readText(path);
  const [hierarchy, motion] = text.split(/^\s*MOTION\s*$/m);
  if (!/^\s*HIERARCHY/.test(text) || motion === undefined) {
    throw new InputError(`cannot read "${path}" as BVH: expected HIERARCHY, then MOTION`);
  }
  const joints = named(readHierarchy(path, hierarchy));
  const source = readFrames(path, motion, joints);
  const missing = NEEDED.filter((name) => !joints.some(({ drives }) => drives === name));
  if (missing.length > 0) {
    throw new InputError(
      `"${path}" has no joint for ${missing.join(", ")} among ${
        joints.map(({ name }) => name).join(", ")
      }; expected names such as LeftUpLeg, LeftLeg, LeftFoot`,
    );
  }
  return {
    motion: retargetMotion(source),
    rateKnown: true,
    up: "y",
    origin: "body",
    notices: [],
  };
}

function readHierarchy(path: string, text: string): Joint[] {
  const joints: Joint[] = [];
  const open: number[] = [];
  const words = text.trim().split(/\s+/);
  const numbers = (at: number, count: number) => {
    const found = words.slice(at, at + count).map(Number);
    if (found.length === count && found.every(Number.isFinite)) return found;
    throw new InputError(`cannot read "${path}" as BVH: ${words[at - 1]} lacks ${count} numbers`);
  };
  let next: { name: string; parent: number } | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === "ROOT" || word === "JOINT") {
      next = { name: words[++at], parent: open.at(-1) ?? -1 };
    } else if (word === "End") next = { name: "", parent: open.at(-1) ?? -1 };
    else if (word === "{") {
      const { name, parent } = next ?? { name: "", parent: -1 };
      joints.push({ name, parent, offset: [0, 0, 0], channels: [] });
      open.push(joints.length - 1);
    } else if (word === "}") open.pop();
    else if (word === "OFFSET") {
      joints[joints.length - 1] = { ...joints[joints.length - 1], offset: numbers(at + 1, 3) };
    } else if (word === "CHANNELS") {
      const [count] = numbers(at + 1, 1);
      const channels = words.slice(at + 2, at + 2 + count);
      joints[joints.length - 1] = { ...joints[joints.length - 1], channels };
    }
  }
  if (joints.length === 0) throw new InputError(`cannot read "${path}" as BVH: it has no joints`);
  return joints;
}

/** Each joint of SMPL is driven by the first that has its name. */
function named(joints: readonly Joint[]): Joint[] {
  const plain = joints.map(({ name }) =>
    name.replace(/^.*:/, "").toLowerCase().replaceAll(/[\s_.-]/g, "").replace(MIXAMO, "")
  );
  const spine = plain.filter((name) => SPINE.test(name));
  const hasCollars = plain.some((name) => name.endsWith("collar"));
  const taken = new Set<JointName>();
  return joints.map((joint, i) => {
    const drives = SPINE.test(plain[i])
      ? spineName(spine.indexOf(plain[i]), spine.length)
      : smplName(plain[i], hasCollars);
    if (!drives || taken.has(drives)) return joint;
    taken.add(drives);
    return { ...joint, drives };
  });
}

/** The uppermost always carries the shoulders. */
function spineName(place: number, count: number): JointName | undefined {
  const names = SPINES[Math.min(3, count)];
  return place === count - 1 ? names.at(-1) : names.slice(0, -1)[place];
}

/** Where there are collars, a shoulder is the joint of the arm. */
function smplName(name: string, hasCollars: boolean): JointName | undefined {
  const side = /^(left|right)(\w+)$/.exec(name);
  if (!side) return MIDDLE[name];
  const part = side[2] === "shoulder" && hasCollars ? "shoulder" : SIDED[side[2]];
  return part ? `${side[1]}_${part}` as JointName : undefined;
}

function readFrames(path: string, text: string, joints: readonly Joint[]): SourceMotion {
  const frames = Number(/Frames:\s*(\d+)/.exec(text)?.[1]);
  const seconds = Number(/Frame Time:\s*([\d.eE+-]+)/.exec(text)?.[1]);
  if (!(frames > 0 && seconds > 0)) {
    throw new InputError(`cannot read "${path}" as BVH: expected Frames and Frame Time above 0`);
  }
  const values = text.slice(text.indexOf("\n", text.indexOf("Frame Time"))).trim().split(/\s+/)
    .map(Number);
  const width = joints.reduce((sum, { channels }) => sum + channels.length, 0);
  // Some writers count one frame too few.
  if (
    values.length < frames * width || values.length % width !== 0 || !values.every(Number.isFinite)
  ) {
    throw new InputError(
      `"${path}" has ${values.length} numbers, expected ${frames} frames of ${width}`,
    );
  }
  const turns: Quaternion[][] = [], roots: number[][] = [];
  for (let frame = 0, at = 0; frame < frames; frame++) {
    turns.push(joints.map(({ channels, parent }, joint) => {
      const place = [...joints[joint].offset];
      const euler: [string, number][] = [];
      for (const channel of channels) {
        const axis = channel[0].toUpperCase();
        if (/position$/i.test(channel)) place["XYZ".indexOf(axis)] = values[at++];
        else euler.push([axis, values[at++] * Math.PI / 180]);
      }
      if (parent < 0) roots.push(place);
      return fromEuler(euler);
    }));
  }
  return { fps: 1 / seconds, joints, turns, roots };
}

/** Turns about the joint's own axes, one after the other. */
function fromEuler(turns: readonly [string, number][]): Quaternion {
  return turns.reduce<Quaternion>((sum, [axis, angle]) => {
    const turn: Quaternion = [Math.cos(angle / 2), 0, 0, 0];
    turn[1 + "XYZ".indexOf(axis)] = Math.sin(angle / 2);
    return multiply(sum, turn);
  }, [1, 0, 0, 0]);
}
