import assert from "node:assert/strict";
import {
  builtinMotion,
  groundMotion,
  JOINT_NAMES,
  loadBody,
  type Motion,
  motionFrame,
  motionNames,
  Random,
  resampleMotion,
  rotateMotion,
} from "../../lib/geometry/mod.ts";
import { readSafetensors } from "../../lib/io/mod.ts";

const body = loadBody(
  await readSafetensors(new URL("../../weights/body.safetensors", import.meta.url).pathname),
);

function lowest(vertices: Float32Array): number {
  let low = Infinity;
  for (const corner of body.bodyFaces) low = Math.min(low, vertices[corner * 3 + 1]);
  return low;
}

const flies = (name: string) => name === "run" || name === "jump";

for (const name of motionNames) {
  Deno.test(`builtinMotion ${name}: feet touch the floor in every frame but in flight`, () => {
    for (const seed of [1, 2]) {
      const motion = builtinMotion(name, { frames: 17, fps: 8, style: new Random(seed), body });
      for (let frame = 0; frame < motion.frames; frame++) {
        const low = lowest(body.pose(motionFrame(motion, frame)).vertices);
        assert.ok(low > -1e-4 && low < (flies(name) ? 0.25 : 1e-4), `frame ${frame}: ${low} m`);
      }
    }
  });

  Deno.test(`builtinMotion ${name}: common proportions come within 4 cm of the mesh's floor`, () => {
    const motion = builtinMotion(name, { frames: 9, fps: 8 });
    const exact = builtinMotion(name, { frames: 9, fps: 8, body });
    for (let i = 1; i < motion.translations.length; i += 3) {
      assert.ok(Math.abs(motion.translations[i] - exact.translations[i]) < 0.04);
    }
  });

  Deno.test(`builtinMotion ${name}: the same seed gives the same motion, another one another`, () => {
    const make = (seed: number) =>
      builtinMotion(name, { frames: 5, fps: 8, style: new Random(seed) });
    assert.deepEqual(make(4), make(4));
    assert.notDeepEqual(make(4).poses, make(5).poses);
  });

  Deno.test(`builtinMotion ${name}: joints move smoothly and knees never bend backward`, () => {
    const motion = builtinMotion(name, { frames: 90, fps: 60, style: new Random(8) });
    for (let i = 72; i < motion.poses.length; i++) {
      if (i % 72 < 3) continue; // the root's axis-angle jumps where it passes half a turn
      const step = Math.abs(motion.poses[i] - motion.poses[i - 72]);
      assert.ok(step < 0.45, `entry ${i % 72} jumps by ${step} rad in frame ${Math.floor(i / 72)}`);
    }
    for (const knee of ["left_knee", "right_knee"] as const) {
      const at = JOINT_NAMES.indexOf(knee) * 3;
      for (let f = 0; f < motion.frames; f++) assert.ok(motion.poses[f * 72 + at] > -0.13);
    }
  });
}

for (const name of ["walk", "run"]) {
  Deno.test(`builtinMotion ${name}: the foot on the floor slides little, and the body goes forward`, () => {
    const motion = builtinMotion(name, { frames: 60, fps: 60, body });
    const feet = (frame: number) => {
      const { joints, vertices } = body.pose(motionFrame(motion, frame));
      const depths = [7, 8, 10, 11].map((joint) => joints[joint * 3 + 2]); // ankles, balls of feet
      return { depths, inAir: lowest(vertices) > 1e-3 };
    };
    let slid = 0;
    for (let frame = 1; frame < motion.frames; frame++) {
      const [before, after] = [feet(frame - 1), feet(frame)];
      if (before.inAir || after.inAir) continue;
      slid += Math.min(...after.depths.map((z, i) => Math.abs(z - before.depths[i])));
    }
    const went = motion.translations[59 * 3 + 2] - motion.translations[2];
    const [slowest, fastest] = name === "walk" ? [0.8, 1.5] : [2, 4];
    assert.ok(went > slowest && went < fastest, `${went} m in a second`);
    assert.ok(slid < 0.12 * went, `slid ${slid} m of ${went} m`);
  });
}

Deno.test("builtinMotion walk: in place it stays, with a heading it goes there", () => {
  const still = builtinMotion("walk", { frames: 9, fps: 8, inPlace: true });
  assert.ok(Math.abs(still.translations[8 * 3 + 2]) < 0.1);
  const left = builtinMotion("walk", { frames: 9, fps: 8, heading: 90 });
  assert.ok(left.translations[8 * 3] > 0.9 && Math.abs(left.translations[8 * 3 + 2]) < 0.1);
});

Deno.test("builtinMotion: a wrong name, no frames and a bad rate are named", () => {
  assert.throws(
    () => builtinMotion("fly", { frames: 1, fps: 8 }),
    /no built-in motion "fly".*walk/,
  );
  assert.throws(() => builtinMotion("toString", { frames: 1, fps: 8 }), /no built-in motion/);
  assert.throws(() => builtinMotion("walk", { frames: 0, fps: 8 }), /cannot make 0 frames/);
  assert.throws(() => builtinMotion("walk", { frames: 2, fps: -1 }), /at -1 fps/);
});

/** A motion whose left elbow turns evenly about Z while the body moves along X. */
function steady(frames: number, fps: number, turn: number): Motion {
  const poses = new Float32Array(frames * 72), translations = new Float32Array(frames * 3);
  for (let frame = 0; frame < frames; frame++) {
    const angle = turn * frame / (frames - 1);
    poses[frame * 72 + 56] = angle > Math.PI ? angle - 2 * Math.PI : angle;
    translations[frame * 3] = frame;
  }
  return { fps, frames, poses, translations };
}

Deno.test("resampleMotion: the own rate changes nothing, a double rate adds the middles", () => {
  const motion = steady(5, 10, 2);
  const same = resampleMotion(motion, { fps: 10 });
  same.poses.forEach((value, i) => assert.ok(Math.abs(value - motion.poses[i]) < 1e-6));
  const double = resampleMotion(motion, { fps: 20 });
  assert.equal(double.frames, 9);
  assert.ok(Math.abs(double.poses[72 + 56] - 0.25) < 1e-6);
  assert.equal(double.translations[3], 0.5);
});

Deno.test("resampleMotion: turns past half a turn go the short way", () => {
  const motion = steady(9, 8, 2 * Math.PI);
  const middle = resampleMotion(motion, { fps: 16 });
  for (let frame = 0; frame < middle.frames; frame++) {
    const angle = middle.poses[frame * 72 + 56];
    const wanted = 2 * Math.PI * frame / 16;
    assert.ok(Math.abs(Math.sin((angle - wanted) / 2)) < 1e-5, `frame ${frame}: ${angle}`);
  }
});

Deno.test("resampleMotion: past its end the last pose is held; bad rates are refused", () => {
  const held = resampleMotion(steady(3, 10, 1), { fps: 10, frames: 6 });
  assert.equal(held.poses[5 * 72 + 56], held.poses[2 * 72 + 56]);
  assert.throws(
    () => resampleMotion(steady(3, 10, 1), { fps: 0 }),
    /cannot use 0 frames per second/,
  );
  assert.throws(
    () => resampleMotion(steady(3, 10, 1), { fps: 8, frames: 0 }),
    /motion of 0 frames/,
  );
});

Deno.test("groundMotion: frame 0 stands on y = 0 with the pelvis at x = z = 0", () => {
  const walk = builtinMotion("walk", { frames: 3, fps: 8 });
  const away = { ...walk, translations: walk.translations.map((x, i) => x + [3, -1, 7][i % 3]) };
  const grounded = groundMotion(away, body, [1, 2]);
  const { vertices, joints } = body.pose({ ...motionFrame(grounded, 0), shape: [1, 2] });
  assert.ok(Math.abs(lowest(vertices)) < 1e-5);
  assert.ok(Math.hypot(joints[0], joints[2]) < 1e-5);
  const step = (m: Motion) => m.translations[3] - m.translations[0];
  assert.ok(Math.abs(step(grounded) - step(walk)) < 1e-5, "later frames keep their distance");
});

Deno.test("rotateMotion: the posed body is the posed body turned about the world's origin", () => {
  const motion = builtinMotion("dance", { frames: 2, fps: 8, style: new Random(2) });
  const turn: [number, number, number, number] = [0.5, 0.5, -0.5, 0.5];
  const turned = rotateMotion(motion, turn, body.restJoints);
  const before = body.pose(motionFrame(motion, 1)).vertices;
  const after = body.pose(motionFrame(turned, 1)).vertices;
  // (0.5, 0.5, −0.5, 0.5) takes x, y, z to −y, −z, x
  for (let v = 0; v < before.length; v += 300) {
    const [x, y, z] = before.subarray(v, v + 3);
    [-y, -z, x].forEach((value, axis) => assert.ok(Math.abs(after[v + axis] - value) < 1e-5));
  }
});

Deno.test("Random: known numbers, even spread, independent forks", () => {
  const random = new Random(42);
  assert.deepEqual([random.bits(), random.bits(), random.bits()], [
    660444221,
    3652823732,
    77672526,
  ]);
  let sum = 0, squares = 0;
  for (let i = 0; i < 4000; i++) {
    const x = random.normal();
    sum += x;
    squares += x * x;
  }
  assert.ok(Math.abs(sum / 4000) < 0.05 && Math.abs(squares / 4000 - 1) < 0.08);
  const parent = new Random(1);
  const first = parent.fork("shirt").float();
  parent.float();
  assert.equal(parent.fork("shirt").float(), first);
  assert.notEqual(parent.fork("hair").float(), first);
});
