import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { loadMotion, type LoadMotionOptions, readBody } from "../../lib/data/mod.ts";
import { motionFrame, parseSmoothing, projectPoints } from "../../lib/geometry/mod.ts";
import { withFolder } from "../support/folders.ts";
import { testRefused } from "../support/refused_motions.ts";
import tracks from "../fixtures/motion/tracks.json" with { type: "json" };

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const phalp = fixture("motion/phalp.pkl"), champ = fixture("motion/champ.npz");
const smpl = await readBody(fixture("body/smpl.npz"));
const size = { width: tracks.width, height: tracks.height };

/** Where the body's joints are in the picture, [24·2] pixels a frame. */
async function pixels(
  spec: string,
  placement: LoadMotionOptions["placement"],
): Promise<Float32Array[]> {
  const { motion, shape, cameras } = await loadMotion(spec, { body: smpl, placement });
  return Array.from({ length: motion.frames }, (_, frame) => {
    const { joints } = smpl.pose({ ...motionFrame(motion, frame), shape });
    return Float32Array.from(projectPoints(cameras!(size)[0], joints).uv);
  });
}

function near(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    ok(Math.abs(actual[i] - value) <= tolerance, `${i}: ${actual[i]}, expected ${value}`)
  );
}

for (const placement of ["keep", "origin"] as const) {
  Deno.test(`4D-Humans: joints come where smplx and its camera put them, placement ${placement}`, async () => {
    for (const [tid, { from, detected, pixels: wanted }] of Object.entries(tracks.phalp)) {
      const found = await pixels(`${phalp}#tid=${tid}`, placement);
      equal(found.length, detected.at(-1)! - from + 1);
      // 200 pixels wide and 7000 of focal length: a hundredth of a pixel is 40 µm of the body.
      for (const frame of detected) near(found[frame - from], wanted[frame], 0.02);
    }
  });

  Deno.test(`champ: joints come where smplx and its camera put them, placement ${placement}`, async () => {
    const found = await pixels(champ, placement);
    equal(found.length, tracks.champ.pixels.length);
    found.forEach((frame, i) => near(frame, tracks.champ.pixels[i], 0.02));
  });
}

Deno.test("4D-Humans: body joints turn as the matrices say, betas are the track's", async () => {
  const { motion, shape } = await loadMotion(`${phalp}#tid=2`, { body: smpl, placement: "keep" });
  const { rotvecs, betas } = tracks.phalp[2];
  for (let frame = 0; frame < 3; frame++) {
    near(
      motion.poses.subarray(frame * 72 + 3, frame * 72 + 72),
      rotvecs.slice(frame * 72 + 3, frame * 72 + 72),
      1e-5,
    );
  }
  near(shape!, betas, 1e-6);
});

Deno.test("4D-Humans: without a track the longest is taken, and what is lost interpolated; both are told", async () => {
  const { motion, notices } = await loadMotion(phalp, { body: smpl, placement: "keep" });
  equal(motion.frames, 7);
  match(notices.join("\n"), /tracks 4 \(6 frames\), 2 \(3 frames\): the longest, 4, is used/);
  match(notices.join("\n"), /track 4 of ".*phalp.pkl" is lost in 1 of 7 frames: they are interp/);
  match(notices[0], /names no frame rate: 30 a second are assumed \(give #fps=X\)/);
  // Frame 4 lies in the middle of 3 and 5, and does not repeat 3.
  const at = (frame: number) => [...motion.translations.subarray(frame * 3, frame * 3 + 3)];
  const [before, lost, after] = [at(2), at(3), at(4)];
  near(lost, before.map((value, i) => (value + after[i]) / 2), 1e-5);
});

Deno.test("4D-Humans: #fps gives the rate, and then nothing is assumed", async () => {
  const { motion, notices } = await loadMotion(`${phalp}#tid=4&fps=10`, { body: smpl, fps: 5 });
  equal(motion.frames, 4);
  ok(!notices.some((notice) => notice.includes("frame rate")));
});

Deno.test("4D-Humans: on the own body betas are ignored with a notice, the person stands upright", async () => {
  const body = await readBody();
  const { motion, shape, notices, cameras } = await loadMotion(`${phalp}#tid=4`, { body });
  equal(shape, undefined);
  match(notices.join("\n"), /betas in ".*" are ignored/);
  const { vertices, joints } = body.pose(motionFrame(motion, 0));
  near(joints.subarray(0, 1), [0], 1e-5);
  let lowest = Infinity;
  for (const corner of body.bodyFaces) lowest = Math.min(lowest, vertices[corner * 3 + 1]);
  near([lowest], [0], 1e-5);
  ok(joints[15 * 3 + 1] > joints[1], "the head is above the pelvis");
  // The pelvis is seen where it was seen in the video.
  const { uv } = projectPoints(cameras!(size)[0], joints);
  ok(uv[0] > 0 && uv[0] < size.width && uv[1] > 0 && uv[1] < size.height, `${uv[0]}, ${uv[1]}`);
});

Deno.test("loadMotion: smoothing makes a trembling track calmer", async () => {
  const jerk = async (smooth?: string) => {
    const { motion } = await loadMotion(champ, {
      body: smpl,
      placement: "keep",
      smooth: smooth === undefined ? undefined : parseSmoothing(smooth),
    });
    let sum = 0;
    for (let i = 3; i < motion.translations.length - 3; i++) {
      const [a, b, c] = [-3, 0, 3].map((step) => motion.translations[i + step]);
      sum += (a - 2 * b + c) ** 2;
    }
    return sum;
  };
  const raw = await jerk();
  ok(await jerk("savgol:window=7,order=2") < raw / 3);
  ok(await jerk("one-euro:min=1,beta=0") < raw / 3);
});

const wrong: [string, string, RegExp][] = [
  [
    "a track that is not there",
    `${phalp}#tid=7`,
    /no track 7; its tracks are 4 \(6 frames\), 2 \(3/,
  ],
  ["a track of a file without tracks", `${champ}#tid=1`, /has no tracks, but #tid=1 asks for one/],
  ["a fragment that is none", `${phalp}#who=1`, /has no "who", expected #tid=N/],
  ["a person of what is no video", `${phalp}#person=1`, /is no video, but #person=1/],
  ["a track that is no number", `${phalp}#tid=x`, /tid is "x"/],
  ["a rate of 0", `${phalp}#fps=0`, /fps is "0"/],
  [
    "a body file",
    fixture("body/smpl.pkl"),
    /asks for "chumpy\.ch\.Ch", which is refused/,
  ],
];

testRefused(wrong, { body: smpl });

Deno.test("loadMotion: a track that would run something is refused and nothing runs", () =>
  withFolder(async (folder) => {
    const proof = join(folder, "proof");
    const hostile = new TextEncoder().encode(`cposix\nsystem\n(S'touch ${proof}'\ntR.`);
    for (const [name, bytes] of [["a.pkl", hostile], ["b.pkl", deflateSync(hostile)]] as const) {
      const path = join(folder, name);
      await Deno.writeFile(path, bytes);
      await rejects(loadMotion(path, { body: smpl }), /"posix\.system"/);
    }
    await rejects(Deno.stat(proof), Deno.errors.NotFound);
    deepEqual([...Deno.readDirSync(folder)].length, 2);
  }));
