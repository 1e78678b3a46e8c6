/**
 * Motions as BVH (Biovision hierarchy), with the joints' names as Mixamo has them.
 * @module
 */
import {
  type BodyMesh,
  fromAxisAngle,
  JOINT_NAMES,
  type JointName,
  type Motion,
  type Quaternion,
} from "../../geometry/mod.ts";
import { writeText } from "../../io/mod.ts";

/** Mixamo's names of the middle and the left; of the right they begin with `Right`. */
const NAMES: Readonly<Record<string, string>> = {
  pelvis: "Hips",
  spine1: "Spine",
  spine2: "Spine1",
  spine3: "Spine2",
  neck: "Neck",
  head: "Head",
  hip: "UpLeg",
  knee: "Leg",
  ankle: "Foot",
  foot: "ToeBase",
  collar: "Shoulder",
  shoulder: "Arm",
  elbow: "ForeArm",
  wrist: "Hand",
  hand: "HandMiddle1",
};

/** Centimetres a metre: what importers expect. */
const CENTI = 100;

/**
 * Writes a motion as BVH, in centimetres, Y up, with the skeleton of the body's shape at rest in the
 * T-pose; whole or not at all. Throws IoError when the disk or the permissions refuse.
 */
export async function writeBvh(
  path: string,
  motion: Motion,
  { body, shape }: { readonly body: BodyMesh; readonly shape?: ArrayLike<number> },
): Promise<void> {
  const rest = body.poseJoints({ pose: new Float32Array(72), shape });
  const order: number[] = [];
  const hierarchy = jointText(0, { rest, parents: body.parents, order }).join("\n");
  const rows = Array.from({ length: motion.frames }, (_, frame) => {
    const place = [0, 1, 2].map((axis) =>
      (rest[axis] + motion.translations[frame * 3 + axis]) * CENTI
    );
    const turns = order.flatMap((joint) =>
      zxy(fromAxisAngle(motion.poses, frame * 72 + joint * 3)).map((a) => a * 180 / Math.PI)
    );
    return [...place, ...turns].map((value) => value.toFixed(4)).join(" ");
  });
  const head = `MOTION\nFrames: ${motion.frames}\nFrame Time: ${(1 / motion.fps).toFixed(8)}\n`;
  await writeText(path, `HIERARCHY\n${hierarchy}\n${head}${rows.join("\n")}\n`);
}

/** Lines of a joint and all below it; their numbers go into `order`. */
function jointText(
  joint: number,
  tree: { readonly rest: Float32Array; readonly parents: Int32Array; readonly order: number[] },
): string[] {
  const { rest, parents, order } = tree;
  order.push(joint);
  const parent = parents[joint];
  const offset = [0, 1, 2].map((axis) =>
    parent < 0 ? 0 : (rest[joint * 3 + axis] - rest[parent * 3 + axis]) * CENTI
  );
  const written = (values: readonly number[]) => values.map((value) => value.toFixed(4)).join(" ");
  const turns = "Zrotation Xrotation Yrotation";
  const children = [...parents.keys()].filter((other) => parents[other] === joint);
  // Bones end somewhere: as far again as they came.
  const end = ["End Site", "{", `  OFFSET ${written(offset)}`, "}"];
  const inner = [
    `OFFSET ${written(offset)}`,
    parent < 0 ? `CHANNELS 6 Xposition Yposition Zposition ${turns}` : `CHANNELS 3 ${turns}`,
    ...children.length > 0 ? children.flatMap((child) => jointText(child, tree)) : end,
  ];
  return [
    `${parent < 0 ? "ROOT" : "JOINT"} ${nameOf(JOINT_NAMES[joint])}`,
    "{",
    ...inner.map((line) => `  ${line}`),
    "}",
  ];
}

function nameOf(joint: JointName): string {
  const side = /^(left|right)_(.*)$/.exec(joint);
  if (!side) return NAMES[joint];
  return `${side[1] === "left" ? "Left" : "Right"}${NAMES[side[2]]}`;
}

/** Angles about Z, then the turned X, then the turned Y, radians. */
function zxy([w, x, y, z]: Quaternion): [number, number, number] {
  const m = (a: number, b: number) => 2 * (a + b);
  const sine = Math.max(-1, Math.min(1, m(y * z, w * x)));
  return [
    Math.atan2(-m(x * y, -w * z), 1 - m(x * x, z * z)),
    Math.asin(sine),
    Math.atan2(-m(x * z, -w * y), 1 - m(x * x, y * y)),
  ];
}
