import { deepEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import {
  bodyPath,
  HELD_OUT_SEED,
  readBody,
  renderReference,
  writeMotion,
} from "../../lib/data/mod.ts";
import {
  builtinMotion,
  type Camera,
  formatCameras,
  lookAt,
  type Motion,
  motionNames,
  type Vec3,
} from "../../lib/geometry/mod.ts";
import { type Frames, writePng } from "../../lib/io/mod.ts";
import { type JobInput, parseJob } from "../../lib/pipelines/job/mod.ts";
import { formatPose } from "../../lib/pipelines/mod.ts";
import { inspectJob, type PreviewWarning } from "../../lib/preview/mod.ts";
import { withFolder } from "../support/folders.ts";

const body = await readBody();
const made = renderReference(body, { seed: HELD_OUT_SEED + 2 });

/** What a made-up job changes. */
interface Change {
  readonly job?: Partial<JobInput>;
  /** Instead of walking. */
  readonly motion?: Motion;
  readonly placement?: "file";
  /** Instead of a framing that holds the person. */
  readonly camera?: Camera;
  /** Columns of the reference picture that stay, as shares; the camera knows nothing of it. */
  readonly crop?: readonly [number, number];
  /** Of the reference pose. */
  readonly translation?: Vec3;
  readonly shape?: Float32Array;
}

/** Findings of a job that walks before a camera, as the demonstration's does, with one thing changed. */
async function warningsOf(change: Change = {}): Promise<PreviewWarning[]> {
  let warnings: readonly PreviewWarning[] = [];
  await withFolder(async (folder) => {
    const file = (name: string) => join(folder, name);
    await writePng(file("me.png"), cropped(made.reference, change.crop));
    const { pose, translation, shape } = made.referencePose;
    const referencePose = {
      pose,
      translation: change.translation ?? translation,
      shape: change.shape ?? shape,
    };
    const camera = JSON.parse(formatCameras([made.referenceCamera]));
    await Deno.writeTextFile(file("me.json"), formatPose(referencePose, camera));
    if (change.motion) await writeMotion(file("motion.json"), change.motion);
    if (change.camera) {
      await Deno.writeTextFile(file("camera.json"), formatCameras([change.camera]));
    }
    const job = parseJob({
      reference: { image: file("me.png"), pose: file("me.json") },
      persons: [{
        motion: change.motion ? file("motion.json") : "builtin:walk",
        placement: change.placement,
      }],
      camera: change.camera ? file("camera.json") : "orbit:deg=60,azimuth=-50",
      output: "-",
      ...{ width: 128, height: 128, frames: 17, fps: 8 },
      ...change.job,
    });
    ({ warnings } = await inspectJob(job, { bodyPath }));
  });
  return [...warnings];
}

function cropped(frames: Frames, [from, to]: readonly [number, number] = [0, 1]): Frames {
  const { width, height, data } = frames;
  const [left, right] = [Math.round(from * width), Math.round(to * width)];
  const rows = Array.from(
    { length: height },
    (_, y) => [...data.subarray((y * width + left) * 3, (y * width + right) * 3)],
  );
  return { ...frames, width: right - left, data: Uint8Array.from(rows.flat()) };
}

const lens = { width: 128, height: 128, fovYDegrees: 36 };
const view = (eye: Vec3, target: Vec3) => lookAt(eye, target, lens);

/** A motion of 17 frames at 8 fps, standing, moved by `move` metres in each frame. */
function standing(move: (frame: number) => Vec3): Motion {
  const motion = builtinMotion("wave", { body, fps: 8, frames: 17 });
  const translations = motion.translations.map((value, i) =>
    value + move(Math.floor(i / 3))[i % 3]
  );
  return { ...motion, translations };
}

Deno.test("preview: a job such as the demonstration's gives no warning, at any size and length", async () => {
  deepEqual(await warningsOf(), []);
  deepEqual(await warningsOf({ job: { width: 130, height: 134, frames: 18 } }), []);
});

const cases: readonly [PreviewWarning["kind"], Change, RegExp][] = [
  ["out_of_frame", { camera: view([0, 1, 5], [9, 1, 0]) }, /out of the picture in frames 0–16/],
  ["partly_out_of_frame", { camera: view([0, 1, 2.2], [0, 1.6, 0]) }, /up to \d\d % of the body/],
  ["behind_camera", { camera: view([0, 1, 5], [0, 1, 9]) }, /behind the camera in frames 0–16/],
  ["camera_in_body", { camera: view([0, 1.1, 0], [0, 1.1, 5]) }, /inside the body .* in frame 0:/],
  ["person_small", { camera: view([0, 1, 12], [0, 1, 0]) }, /only 1\.\d tokens high/],
  ["scale_mismatch", { camera: view([0, 1, 12], [0, 1, 0]) }, /times smaller/],
  ["body_height", { shape: Float32Array.of(20) }, /is 2\.9\d m tall/],
  ["reference_pose", { translation: [0.8, 0, 0] }, /covers only \d+ % of the person/],
  ["reference_pose", { translation: [9, 0, 0] }, /outside the reference picture/],
  ["reference_pose", { crop: [0, 0.5] }, /for pictures of another shape .* 0\.50 times as wide/],
  ["reference_small", { job: { width: 256, height: 256 } }, /enlarged 2\.0 times/],
  [
    "motion_jump",
    { motion: standing((k) => [k < 8 ? 0 : 1.5, 0, 0]) },
    /jumps at frame 8, .*1\.50/,
  ],
  ["foot_sliding", { motion: standing((k) => [k * 0.1, 0, 0]) }, /slide 3\.\d\d m over the floor/],
  ["floating", { job: offset(0.3) }, /floats at least 0\.30 m .*--offset 0,-0\.30,0/],
  ["below_floor", { job: offset(-0.3) }, /sinks up to 0\.30 m .*--offset 0,0\.30,0/],
];

function offset(y: number): Partial<JobInput> {
  return { persons: [{ motion: "builtin:walk", offset: [0, y, 0] }] };
}

for (const [kind, change, message] of cases) {
  Deno.test(`preview: ${kind.replaceAll("_", " ")} is warned of: ${message.source}`, async () => {
    const warnings = await warningsOf(change);
    const found = warnings.find((warning) => warning.kind === kind);
    ok(found, `found ${JSON.stringify(warnings)}`);
    match(found.message, message);
  });
}

Deno.test("preview: the frames of a finding are those where it holds", async () => {
  // The camera stands where the walker comes along.
  const warnings = await warningsOf({ camera: view([0, 1, 1.2], [0, 1, -3]) });
  const behind = warnings.find(({ kind }) => kind === "behind_camera")!;
  const [[first, last]] = behind.frames!;
  ok(first > 3 && last === 16, JSON.stringify(behind.frames));
});

Deno.test("preview: no built-in motion is called wrong", async () => {
  for (const [index, name] of motionNames.entries()) {
    const fps = index % 2 === 0 ? 24 : 8;
    const persons = [{ motion: `builtin:${name}` }];
    const warnings = await warningsOf({ job: { persons, fps, frames: 2 * fps + 1 } });
    deepEqual(warnings.map(({ message }) => `${name} ${fps}: ${message}`), []);
  }
});

Deno.test("preview: a motion placed by its file is not measured against a floor far away", async () => {
  const change = {
    motion: standing(() => [0, -1.3, 2]),
    camera: view([0, -0.3, 7], [0, -0.3, 2]),
  };
  deepEqual(await warningsOf({ ...change, placement: "file" }), []);
});
