import assert, { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, InputError } from "../../lib/errors.ts";
import { writeBvh } from "../../lib/data/motions/bvh_write.ts";
import { smplMotion } from "../../lib/data/motions/export_motion.ts";
import { loadMotion, writeMotion } from "../../lib/data/motions/load_motion.ts";
import {
  builtinMotion,
  cameraCentre,
  loadBody,
  lookAt,
  motionFrame,
  projectPoints,
  Random,
} from "../../lib/geometry/mod.ts";
import { type NpyArray, readSafetensors, writeNpz } from "../../lib/io/mod.ts";

const body = loadBody(
  await readSafetensors(new URL("../../weights/body.safetensors", import.meta.url).pathname),
);
const folder = await Deno.makeTempDir({ prefix: "isa4d-motion-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const array = (shape: number[], value: number | ((i: number) => number) = 0): NpyArray => ({
  dtype: "float64",
  shape,
  data: Float64Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => typeof value === "number" ? value : value(i),
  ),
});

async function npz(name: string, arrays: Record<string, NpyArray>): Promise<string> {
  const path = join(folder, `${name}.npz`);
  await writeNpz(path, new Map(Object.entries(arrays)));
  return path;
}

const lowest = (vertices: Float32Array) =>
  body.bodyFaces.reduce((low, corner) => Math.min(low, vertices[corner * 3 + 1]), Infinity);

Deno.test("BVH: what is written moves the body as before", async () => {
  const path = join(folder, "out.bvh");
  const motion = builtinMotion("dance", { body, fps: 10, frames: 7 });
  await writeBvh(path, motion, { body });
  const { motion: read } = await loadMotion(path, { body, placement: "keep" });
  equal(read.frames, 7);
  for (const frame of [0, 3, 6]) {
    const [a, b] = [motion, read].map((one) => body.poseJoints(motionFrame(one, frame)));
    const off = [...a.keys()].map((i) => Math.abs(a[i] - b[i]));
    // The reader plants feet, and its legs are those of common proportions.
    const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
    ok(mean < 0.02, `${frame}: ${mean}`);
  }
});

Deno.test("isa4d-motion: shape and cameras come back, at another rate and place too", async () => {
  const path = join(folder, "seen.json");
  const motion = builtinMotion("walk", { body, fps: 10, frames: 5 });
  const shape = Float32Array.of(0.5, -1);
  const cameras = [0, 1, 2, 3, 4].map((i) =>
    lookAt([i / 4, 1, 4], [0, 1, 0], { width: 64, height: 48, fovYDegrees: 40 })
  );
  await writeMotion(path, motion, { shape, cameras });
  const kept = await loadMotion(path, { body, placement: "keep" });
  deepEqual([...kept.shape!], [...shape]);
  const size = { width: 1, height: 1 };
  deepEqual(kept.cameras!(size).map(cameraCentre), cameras.map(cameraCentre));
  // Every second frame, moved to the origin: bodies are seen where they were.
  const loaded = await loadMotion(path, { body, fps: 5, frames: 3 });
  const seen = (at: typeof kept, frame: number) => {
    const joints = body.poseJoints(motionFrame(at.motion, frame));
    return projectPoints(at.cameras!(size)[frame], joints).uv;
  };
  const [before, after] = [seen(kept, 4), seen(loaded, 2)];
  ok(before.every((value, i) => Math.abs(value - after[i]) < 0.01), `${before} ${after}`);
  await writeMotion(path, motion, { cameras: cameras.slice(0, 3) });
  await rejects(loadMotion(path, { body }), /it has 5 poses but 3 cameras/);
});

Deno.test("loadMotion: our JSON brings back what was written", async () => {
  const path = join(folder, "own.json");
  const motion = builtinMotion("dance", { frames: 4, fps: 12, style: new Random(1) });
  await writeMotion(path, motion);
  const back = (await loadMotion(path, { body, placement: "keep" })).motion;
  assert.equal(back.fps, 12);
  assert.equal(back.frames, 4);
  back.poses.forEach((value, i) => assert.ok(Math.abs(value - motion.poses[i]) < 1e-5));
  back.translations.forEach((value, i) =>
    assert.ok(Math.abs(value - motion.translations[i]) < 1e-6)
  );
});

// A person of AMASS who stands upright (Z up), looks along −Y and walks along it, arms hanging.
const amass = {
  poses: array([6, 156], (i) => i % 156 === 0 ? Math.PI / 2 : i % 156 === 50 ? -1.2 : 0),
  trans: array([6, 3], (i) => [0.4, 2 - Math.floor(i / 3) * 0.1, 1.1][i % 3]),
  mocap_framerate: array([], 30),
  betas: array([16], 1),
  gender: array([1], 0),
};

Deno.test("loadMotion: AMASS turns from Z up to Y up and comes to the floor at the origin", async () => {
  const { motion, notices } = await loadMotion(await npz("amass", amass), { body });
  assert.equal(motion.frames, 6);
  assert.equal(motion.fps, 30);
  const first = body.pose(motionFrame(motion, 0)), last = body.pose(motionFrame(motion, 5));
  assert.ok(Math.abs(lowest(first.vertices)) < 1e-5, "stands on the floor");
  assert.ok(Math.hypot(first.joints[0], first.joints[2]) < 1e-5, "at the origin");
  assert.ok(first.joints[15 * 3 + 1] > 1.4, "head up");
  assert.ok(first.joints[10 * 3 + 2] > first.joints[7 * 3 + 2] + 0.05, "faces +Z");
  assert.ok(Math.abs(last.joints[2] - 0.5) < 1e-5, "AMASS's −Y is forward");
  assert.ok(first.joints[20 * 3 + 1] < first.joints[16 * 3 + 1] - 0.3, "the left arm hangs");
  assert.match(notices.join(), /betas in ".*amass.npz" are ignored/);
});

Deno.test("loadMotion: with keep the pelvis is where SMPL puts it", async () => {
  const path = await npz("kept", { ...amass, poses: array([6, 156]) });
  const { motion } = await loadMotion(path, { body, placement: "keep" });
  const { joints } = body.pose(motionFrame(motion, 0));
  // SMPL's rest pelvis (−0.0018, −0.2233, 0.0282) plus trans (0.4, 2, 1.1), then Z up to Y up
  const wanted = [0.3982, 1.1282, -1.7767];
  wanted.forEach((value, axis) => assert.ok(Math.abs(joints[axis] - value) < 1e-4, `${joints}`));
});

Deno.test("loadMotion: SMPL's [N,72], [N,24,3] and split poses are one motion", async () => {
  const value = (i: number) => 0.1 * Math.sin(i);
  const trans = array([3, 3], (i) => i);
  const fps = array([1], 20);
  const [flat, deep, split] = await Promise.all([
    npz("flat", { poses: array([3, 72], value), trans, fps }),
    npz("deep", { pose: array([3, 24, 3], value), transl: trans, fps }),
    npz("split", {
      global_orient: array([3, 3], (i) => value(Math.floor(i / 3) * 72 + i % 3)),
      body_pose: array([3, 23, 3], (i) => value(Math.floor(i / 69) * 72 + 3 + i % 69)),
      transl: trans,
      fps,
    }),
  ]);
  const motions = await Promise.all([flat, deep, split].map((path) => loadMotion(path, { body })));
  assert.deepEqual(motions[1].motion, motions[0].motion);
  assert.deepEqual(motions[2].motion, motions[0].motion);
  assert.deepEqual(motions[0].notices, []);
});

Deno.test("loadMotion: missing rate and place are assumed with a notice, a short file is held", async () => {
  const path = await npz("bare", { poses: array([4, 72]) });
  const { motion, notices } = await loadMotion(path, { body, fps: 8, frames: 9 });
  assert.equal(motion.frames, 9);
  assert.equal(notices.length, 3);
  assert.match(notices[0], /names no frame rate: 30 a second/);
  assert.match(notices[1], /has no trans/);
  assert.match(notices[2], /lasts 0.10 s, 9 frames at 8 fps take 1.00 s: its last pose is held/);
});

Deno.test("loadMotion: built-in motions by name, with style", async () => {
  const plain = (await loadMotion("builtin:walk", { body })).motion;
  assert.deepEqual([plain.frames, plain.fps], [17, 8]);
  const styled = await loadMotion("builtin:walk", {
    body,
    frames: 3,
    fps: 4,
    style: new Random(1),
  });
  assert.equal(styled.motion.frames, 3);
});

const text = (name: string, content: string) => {
  const path = join(folder, name);
  Deno.writeTextFileSync(path, content);
  return path;
};
const json = (name: string, content: unknown) => text(`${name}.json`, JSON.stringify(content));
const poses = [Array(72).fill(0)], translations = [[0, 0, 0]];

const bad: [string, () => string | Promise<string>, RegExp][] = [
  ["an unknown name", () => "builtin:fly", /no motion "builtin:fly", expected one of walk, run/],
  ["a missing file", () => join(folder, "no.npz"), /there is no such file/],
  ["a folder", () => {
    Deno.mkdirSync(join(folder, "dir.npz"));
    return join(folder, "dir.npz");
  }, /it is a folder/],
  ["another kind of file", () => text("a.fbx", "HIERARCHY"), /expected \.npz .* builtin:NAME/],
  ["an empty npz", () => text("empty.npz", ""), /the file is empty/],
  ["a foreign npz", () => text("foreign.npz", "not a zip at all"), /as npz/],
  ["a truncated npz", async () => {
    const path = await npz("cut", amass);
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    return path;
  }, /cannot read ".*cut.npz"/],
  [
    "an npz of something else",
    () => npz("other", { image: array([2, 2]) }),
    /has the arrays image; expected poses/,
  ],
  [
    "wrong columns",
    () => npz("wide", { poses: array([2, 100]) }),
    /poses has 100 columns, expected 156/,
  ],
  [
    "a wrong trans",
    () => npz("trans", { poses: array([2, 72]), trans: array([2, 4]) }),
    /trans is \[2,4\], expected \[2,3\]/,
  ],
  [
    "poses in one row",
    () => npz("row", { poses: array([72]) }),
    /poses is \[72\], expected a row a frame/,
  ],
  [
    "NaN",
    () => npz("nan", { ...amass, poses: array([6, 156], (i) => i === 3 * 156 + 7 ? NaN : 0) }),
    /poses has NaN in frame 3/,
  ],
  [
    "no frames",
    () => npz("none", { ...amass, poses: array([0, 156]), trans: array([0, 3]) }),
    /it has no frames/,
  ],
  [
    "a negative rate",
    () => npz("rate", { ...amass, mocap_framerate: array([], -30) }),
    /mocap_framerate is -30/,
  ],
  ["broken JSON", () => text("broken.json", '{"format":'), /it is not JSON/],
  ["an empty JSON", () => text("empty.json", ""), /the file is empty/],
  [
    "a foreign JSON",
    () => json("foreign", { cameras: [] }),
    /"format" is missing, expected "isa4d-motion"/,
  ],
  [
    "JSON with fps 0",
    () => json("zero", { format: "isa4d-motion", fps: 0, poses, translations }),
    /fps is 0/,
  ],
  [
    "JSON with no frames",
    () => json("none", { format: "isa4d-motion", fps: 8, poses: [], translations: [] }),
    /no frames/,
  ],
  [
    "JSON with a short pose",
    () => json("short", { format: "isa4d-motion", fps: 8, poses: [[1, 2]], translations }),
    /poses has 2 numbers in frame 0, expected 72/,
  ],
  [
    "JSON with NaN",
    () => json("null", { format: "isa4d-motion", fps: 8, poses, translations: [[0, NaN, 0]] }),
    /translations has null in frame 0/,
  ],
  [
    "JSON of two lengths",
    () => json("two", { format: "isa4d-motion", fps: 8, poses, translations: [] }),
    /1 poses but 0 translations/,
  ],
];

for (const [what, make, message] of bad) {
  Deno.test(`loadMotion: ${what} gets one clear line`, async () => {
    const spec = await make();
    await assert.rejects(loadMotion(spec, { body }), (error: Error) => {
      // A name is a wrong value of the command line, a file is wrong input.
      const kind = what === "an unknown name" ? ConfigError : InputError;
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

Deno.test("loadMotion: a rate or number of frames that is not positive is refused", async () => {
  const path = await npz("good", amass);
  await assert.rejects(
    loadMotion(path, { body, fps: -8 }),
    /cannot use -8 frames per second|cannot make/,
  );
  await assert.rejects(loadMotion(path, { body, frames: 0 }), /motion of 0 frames/);
  await assert.rejects(loadMotion("builtin:walk", { body, frames: 0 }), /cannot make 0 frames/);
});

Deno.test("loadMotion: what geometry refuses is told with the file's name", async () => {
  const path = join(folder, "slow.json");
  const rows = (width: number) => [new Array(width).fill(0), new Array(width).fill(0)];
  const motion = { format: "isa4d-motion", fps: 5e-324, poses: rows(72), translations: rows(3) };
  await Deno.writeTextFile(path, JSON.stringify(motion));
  const refused = { name: "InputError", message: /slow\.json".*Infinity frames, expected 1 to/ };
  await assert.rejects(loadMotion(path, { body, fps: 8 }), refused);
  await assert.rejects(smplMotion(path, { body, fps: 8 }), refused);
});
