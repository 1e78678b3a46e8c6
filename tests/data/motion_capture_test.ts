import assert from "node:assert/strict";
import { join } from "node:path";
import { captureNames, loadMotion, readBody, readCaptures } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { JOINT_NAMES, type JointName, motionFrame, Random } from "../../lib/geometry/mod.ts";

const body = await readBody();
const folder = await Deno.makeTempDir({ prefix: "isa4d-capture-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

type Vector = number[];
type Matrix = number[];

/** CMU's names and a skeleton of other proportions than the body's, in inches; legs splayed. */
const BONES: [name: string, parent: number, offset: Vector][] = [
  ["Hips", -1, [0, 0, 0]],
  ["LeftUpLeg", 0, [4, -2, 1]],
  ["LeftLeg", 1, [6, -17, 0]],
  ["LeftFoot", 2, [5, -16, 0]],
  ["RightUpLeg", 0, [-4, -2, 1]],
  ["RightLeg", 4, [-6, -17, 0]],
  ["RightFoot", 5, [-5, -16, 0]],
  ["Spine", 0, [0, 5, 0]],
  ["Spine1", 7, [0, 5, 0]],
  ["LeftShoulder", 8, [0, 4, 0]],
  ["LeftArm", 9, [7, 1, 0]],
  ["LeftForeArm", 10, [11, 0, 0]],
  ["LeftHand", 11, [9, 0, 0]],
  ["RightShoulder", 8, [0, 4, 0]],
  ["RightArm", 13, [-7, 1, 0]],
  ["RightForeArm", 14, [-11, 0, 0]],
  ["RightHand", 15, [-9, 0, 0]],
];
const LIMBS: [JointName, JointName, string, string][] = [
  ["left_shoulder", "left_elbow", "LeftArm", "LeftForeArm"],
  ["left_elbow", "left_wrist", "LeftForeArm", "LeftHand"],
  ["right_shoulder", "right_elbow", "RightArm", "RightForeArm"],
  ["right_elbow", "right_wrist", "RightForeArm", "RightHand"],
  ["left_hip", "left_knee", "LeftUpLeg", "LeftLeg"],
  ["left_knee", "left_ankle", "LeftLeg", "LeftFoot"],
  ["right_hip", "right_knee", "RightUpLeg", "RightLeg"],
  ["right_knee", "right_ankle", "RightLeg", "RightFoot"],
];

function hierarchy(joint: number, depth = 0): string {
  const [name, parent, offset] = BONES[joint];
  const pad = "  ".repeat(depth);
  const children = BONES.flatMap(([, up], i) => up === joint ? [i] : []);
  const place = parent < 0 ? "6 Xposition Yposition Zposition" : "3";
  return `${pad}${parent < 0 ? "ROOT" : "JOINT"} ${name}\n${pad}{\n${pad}OFFSET ${
    offset.join(" ")
  }\n${pad}CHANNELS ${place} Zrotation Yrotation Xrotation\n${
    children.map((child) => hierarchy(child, depth + 1)).join("") ||
    `${pad}End Site\n${pad}{\n${pad}OFFSET 1 0 0\n${pad}}\n`
  }${pad}}\n`;
}

async function bvh(name: string, frames: number[][]): Promise<string> {
  const rows = frames.map((row) => row.join(" ")).join("\n");
  const path = join(folder, name);
  const head = `HIERARCHY\n${hierarchy(0)}MOTION\nFrames: ${frames.length}\nFrame Time: 0.05\n`;
  await Deno.writeTextFile(path, `${head}${rows}\n`);
  return path;
}

// The order in which hierarchy() writes joints is that of BONES.
function jointPlaces(row: readonly number[]): Map<string, Vector> {
  const worlds: Matrix[] = [], places = new Map<string, Vector>();
  BONES.forEach(([name, parent, offset], joint) => {
    const [z, y, x] = row.slice(3 + joint * 3, 6 + joint * 3).map((a) => a * Math.PI / 180);
    const own = times(times(about(2, z), about(1, y)), about(0, x));
    const up = parent < 0 ? undefined : worlds[parent];
    worlds.push(up ? times(up, own) : own);
    const from = parent < 0 ? row.slice(0, 3) : places.get(BONES[parent][0])!;
    const arm = up ? apply(up, offset) : [0, 0, 0];
    places.set(name, from.map((value, axis) => value + arm[axis]));
  });
  return places;
}

function about(axis: number, angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  if (axis === 0) return [1, 0, 0, 0, c, -s, 0, s, c];
  return axis === 1 ? [c, 0, s, 0, 1, 0, -s, 0, c] : [c, -s, 0, s, c, 0, 0, 0, 1];
}

function times(a: Matrix, b: Matrix): Matrix {
  return a.map((_, i) =>
    [0, 1, 2].reduce((sum, k) => sum + a[i - i % 3 + k] * b[k * 3 + i % 3], 0)
  );
}

function apply(m: Matrix, v: Vector): Vector {
  return [0, 1, 2].map((row) => m[row * 3] * v[0] + m[row * 3 + 1] * v[1] + m[row * 3 + 2] * v[2]);
}

function degreesBetween(a: Vector, b: Vector): number {
  const dot = a.reduce((sum, value, axis) => sum + value * b[axis], 0);
  return Math.acos(Math.min(1, dot / (Math.hypot(...a) * Math.hypot(...b)))) * 180 / Math.PI;
}

const minus = (a: Vector, b: Vector) => a.map((value, axis) => value - b[axis]);

Deno.test("loadMotion: a BVH with Mixamo's prefixes moves as one without", async () => {
  const random = new Random(7);
  const frames = Array.from({ length: 3 }, () => [
    ...[0, 70, 0],
    ...BONES.flatMap(() => [0, 1, 2].map(() => random.range(-20, 20))),
  ]);
  const plain = await bvh("plain.bvh", frames);
  const text = await Deno.readTextFile(plain);
  const { motion } = await loadMotion(plain, { body });
  for (const prefix of ["mixamorig:", "mixamorig1:", "mixamorig_", "mixamorig"]) {
    const path = join(folder, "mixamo.bvh");
    await Deno.writeTextFile(path, text.replaceAll(/(ROOT|JOINT) /g, `$1 ${prefix}`));
    assert.deepEqual((await loadMotion(path, { body })).motion, motion, prefix);
  }
});

Deno.test("loadMotion: the limbs of a BVH point where its own skeleton's do", async () => {
  const random = new Random(5);
  const frames = Array.from({ length: 6 }, () => [
    ...[random.range(-5, 5), random.range(60, 80), random.range(-5, 5)],
    ...BONES.flatMap(() => [0, 1, 2].map(() => random.range(-40, 40))),
  ]);
  const { motion } = await loadMotion(await bvh("any.bvh", frames), { body });
  assert.deepEqual([motion.frames, Math.round(motion.fps)], [6, 20]);
  frames.forEach((row, frame) => {
    const source = jointPlaces(row);
    const { joints } = body.pose(motionFrame(motion, frame));
    const at = (name: JointName) => {
      const joint = JOINT_NAMES.indexOf(name) * 3;
      return [...joints.subarray(joint, joint + 3)];
    };
    for (const [from, to, sourceFrom, sourceTo] of LIMBS) {
      const wanted = minus(source.get(sourceTo)!, source.get(sourceFrom)!);
      const off = degreesBetween(minus(at(to), at(from)), wanted);
      // Legs reach for the source's ankles from hips of another width.
      const most = /hip|knee/.test(from) ? 8 : 0.5;
      assert.ok(off < most, `frame ${frame}: ${from} is off by ${off} degrees`);
    }
  });
});

Deno.test("loadMotion: a foot that stands in a BVH stays where it is", async () => {
  // The hips sway over feet that an exact solution of the source's legs keeps in place.
  const frames = Array.from({ length: 12 }, (_, frame) => {
    const sway = 8 * Math.sin(frame / 2) * Math.PI / 180;
    const row = [33 * Math.sin(sway), 35.6 - 33 * (1 - Math.cos(sway)), 0];
    const degrees = sway * 180 / Math.PI;
    const turns: Record<string, number> = { LeftUpLeg: -19.4, RightUpLeg: 19.4 };
    return [
      ...row,
      ...BONES.flatMap(([name]) => [
        (turns[name] ?? 0) + (/UpLeg/.test(name) ? -degrees : /Foot/.test(name) ? degrees : 0),
        0,
        0,
      ]),
    ];
  });
  const { motion } = await loadMotion(await bvh("sway.bvh", frames), { body });
  for (const side of ["left", "right"] as const) {
    const ball = JOINT_NAMES.indexOf(`${side}_foot`) * 3;
    const places = Array.from(
      { length: motion.frames },
      (_, frame) => [...body.pose(motionFrame(motion, frame)).joints.subarray(ball, ball + 3)],
    );
    for (const place of places) {
      assert.ok(Math.hypot(...minus(place, places[0])) < 0.01, `the ${side} foot slides`);
    }
  }
});

Deno.test("loadMotion: a clip of DeepMimic bends its knees backwards and faces +Z", async () => {
  const row = [0.1, 0, 0.9, 0, 1, 0, 0, 0, ...[1, 0, 0, 0], ...[1, 0, 0, 0]];
  const leg = (knee: number) => [1, 0, 0, 0, knee, 1, 0, 0, 0];
  const arm = (elbow: number) => [1, 0, 0, 0, elbow];
  const still = [...row, ...leg(0), ...arm(0), ...leg(0), ...arm(0)];
  const bent = [...row, ...leg(-1), ...arm(0.5), ...leg(0), ...arm(0)];
  bent[1] = 0.3;
  const path = join(folder, "clip.txt");
  await Deno.writeTextFile(path, JSON.stringify({ Loop: "wrap", Frames: [still, bent] }));
  const { motion } = await loadMotion(path, { body, placement: "keep" });
  assert.equal(Math.round(motion.fps), 10);
  const [first, second] = [0, 1].map((frame) => body.pose(motionFrame(motion, frame)).joints);
  const at = (joints: Float32Array, name: JointName, axis: number) =>
    joints[JOINT_NAMES.indexOf(name) * 3 + axis];
  assert.ok(at(second, "pelvis", 2) > at(first, "pelvis", 2) + 0.2, "it does not go forward");
  const ahead = (name: JointName) =>
    at(second, name, 2) - at(second, "pelvis", 2) - (at(first, name, 2) - at(first, "pelvis", 2));
  assert.ok(ahead("right_ankle") < -0.2, `the ankle is ${ahead("right_ankle")} m ahead`);
  assert.ok(ahead("right_wrist") > 0.08, `the wrist is ${ahead("right_wrist")} m ahead`);
  assert.ok(at(first, "left_wrist", 0) > 0.1 && at(first, "left_wrist", 1) < 1.1, "arms hang");
});

Deno.test("loadMotion: broken BVHs and clips get one clear line", async () => {
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(join(folder, name), text);
    return join(folder, name);
  };
  const good = await Deno.readTextFile(await bvh("good.bvh", [BONES.flatMap(() => [0, 0, 0])]));
  const cases: [string, RegExp][] = [
    [await write("none.bvh", "walk"), /none\.bvh" as BVH: expected HIERARCHY, then MOTION/],
    [await write("short.bvh", good), /has 51 numbers, expected 1 frames of 54/],
    [
      await write("legless.bvh", good.replace("LeftFoot", "Fin").replace(/\n0 /, "\n0 0 0 0 ")),
      /no joint for left_ankle among Hips, .*such as LeftUpLeg/,
    ],
    [await write("rate.bvh", good.replace("0.05", "0")), /Frame Time above 0/],
    [await write("none.txt", '{"Frames":[]}'), /as a clip of DeepMimic: it has no Frames/],
    [await write("few.txt", '{"Frames":[[1,2]]}'), /frame 0 has not the 44 numbers/],
  ];
  for (const [path, message] of cases) {
    await assert.rejects(
      loadMotion(path, { body }),
      (error) => error instanceof InputError && message.test(error.message),
      path,
    );
  }
});

Deno.test("readCaptures: the repository's clips are on the floor, and standing feet do not slide", async () => {
  const clips = await readCaptures();
  assert.deepEqual([...clips.keys()], [...captureNames]);
  for (const [name, motion] of clips) {
    const balls: Vector[][] = [];
    for (let frame = 0; frame < motion.frames; frame += 5) {
      const { vertices } = body.pose(motionFrame(motion, frame));
      const low = body.bodyFaces.reduce((low, v) => Math.min(low, vertices[v * 3 + 1]), Infinity);
      assert.ok(low > -0.01 && low < 0.8, `${name}: frame ${frame} is at ${low} m`);
    }
    if (!/walk|stroll|look|turn|ready/.test(name)) continue;
    for (let frame = 0; frame < motion.frames; frame++) {
      const joints = body.poseJoints(motionFrame(motion, frame));
      balls.push(["left_foot", "right_foot"].map((foot) => {
        const at = JOINT_NAMES.indexOf(foot as JointName) * 3;
        return [...joints.subarray(at, at + 3)];
      }));
    }
    // Of those who walk one foot stands at every time.
    const slides = balls.slice(1).map((feet, i) =>
      Math.min(...feet.map((place, side) => Math.hypot(...minus(place, balls[i][side]))))
    ).sort((a, b) => a - b);
    const usual = slides[Math.floor(slides.length * 0.7)] * motion.fps;
    assert.ok(usual < 0.15, `${name}: the foot that stands moves ${usual} m a second`);
  }
});

Deno.test("loadMotion: builtin:mocap-walk takes longer steps on longer legs", async () => {
  const far = async (legs: number) => {
    const shape = Float32Array.from({ length: 10 }, (_, i) => i === 6 ? legs : 0);
    const { motion, notices } = await loadMotion("builtin:mocap-walk", { body, shape });
    assert.deepEqual(notices, []);
    const { translations, frames } = motion;
    return Math.hypot(
      translations[(frames - 1) * 3] - translations[0],
      translations[(frames - 1) * 3 + 2] - translations[2],
    );
  };
  assert.equal(body.shapeNames[6], "leg_length");
  const [short, usual, long] = [await far(-1.5), await far(0), await far(1.5)];
  assert.ok(short < usual - 0.05 && usual < long - 0.05, `${short}, ${usual}, ${long} m`);
  const { notices } = await loadMotion("builtin:mocap-kick", { body, fps: 8, frames: 33 });
  assert.match(notices.join(), /lasts 1\.\d\d s, 33 frames at 8 fps take 4\.00 s/);
});
