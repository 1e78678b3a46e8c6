import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bodyPath, readBody } from "../../../lib/data/mod.ts";
import { InputError } from "../../../lib/errors.ts";
import { projectPoints } from "../../../lib/geometry/mod.ts";
import { writePng } from "../../../lib/io/mod.ts";
import { inputFiles, parseJob } from "../../../lib/pipelines/job/mod.ts";
import { formatPose, loadScene } from "../../../lib/pipelines/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { ramps } from "../../support/pictures.ts";
import tracks from "../../fixtures/motion/tracks.json" with { type: "json" };

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const track = `${fixture("motion/phalp.pkl")}#tid=4&fps=30`;
const body = fixture("body/smpl.npz");
// The track's video is 200×361; 208×368 has nearly its shape.
const [width, height] = [208, 368];

/** A scene of the track on the random SMPL body, at the track's own rate. */
async function scene(change: object, pose = `${fixture("motion/phalp.pkl")}#tid=4&frame=2`) {
  let loaded: Awaited<ReturnType<typeof loadScene>> | undefined;
  const notices: string[] = [];
  await withFolder(async (folder) => {
    const image = join(folder, "me.png");
    await writePng(image, ramps({ width: tracks.width, height: tracks.height, count: 1 }));
    const job = parseJob({
      reference: { image, pose },
      persons: [{ motion: track }],
      ...{ body, width, height, frames: 7, fps: 30, camera: "motion", output: "-" },
      ...change,
    });
    loaded = await loadScene(job, { bodyPath, onNotice: (text) => notices.push(text) });
  });
  return { ...loaded!, notices };
}

type LoadedScene = Awaited<ReturnType<typeof scene>>;

/** Largest distance, in pixels of the track's video, from where joints were seen. */
function misses({ body, persons, cameras }: LoadedScene, frame: number): number {
  const { joints } = body.pose(persons[0].poses[frame]);
  const { uv } = projectPoints(cameras[frame], joints);
  const [wx, wy] = [width / tracks.width, height / tracks.height];
  const scale = Math.max(wx, wy);
  return Math.max(...tracks.phalp[4].pixels[frame + 1].map((wanted, i) => {
    const cut = i % 2 === 0
      ? (width - tracks.width * scale) / 2
      : (height - tracks.height * scale) / 2;
    return Math.abs((uv[i] - cut) / scale - wanted);
  }));
}

Deno.test("scene: --camera motion sees the track where its video did, wherever the person is put", async () => {
  for (
    const person of [{ placement: "floor" }, { placement: "file" }, { offset: [1, 0.5, -2] }]
  ) {
    const loaded = await scene({ shape: "motion", persons: [{ motion: track, ...person }] });
    for (const frame of [0, 2, 4]) ok(misses(loaded, frame) < 0.03, `${misses(loaded, frame)}`);
  }
});

Deno.test("scene: a frame of a track as reference brings pose, shape and camera", async () => {
  const { persons, body } = await scene({});
  const { known } = persons[0].reference;
  const { joints } = body.pose(known!.body);
  const { uv } = projectPoints(known!.camera, joints);
  const scale = Math.max(width / tracks.width, height / tracks.height);
  // Frame 2 of the track is frame 3 of the video.
  tracks.phalp[4].pixels[3].forEach((wanted, i) => {
    const cut = i % 2 === 0
      ? (width - tracks.width * scale) / 2
      : (height - tracks.height * scale) / 2;
    ok(Math.abs((uv[i] - cut) / scale - wanted) < 0.03);
  });
});

Deno.test("scene: --shape takes the body's shape from the reference or from the motion", async () => {
  const own = [...new Float32Array(10)];
  const pose = (folder: string) => join(folder, "pose.json");
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      pose(folder),
      formatPose({
        pose: new Float32Array(72),
        translation: [0, 0, 0],
        shape: Float32Array.from(own),
      }, undefined),
    );
    const reference = await scene({}, pose(folder));
    deepEqual([...reference.persons[0].poses[3].shape!], own);
    const motion = await scene({ shape: "motion" }, pose(folder));
    motion.persons[0].poses[3].shape!.forEach((value, i) =>
      ok(Math.abs(value - tracks.phalp[4].betas[i]) < 1e-6)
    );
    const neither = await scene({ shape: "motion", body: undefined, camera: "static" }, "none");
    match(neither.notices.join("\n"), /has no shape for this body: the reference's is taken/);
  });
});

Deno.test("scene: --smooth calms the motion, and a wrong one is told", async () => {
  const jerk = ({ persons: [{ poses }] }: LoadedScene) => {
    let sum = 0;
    for (let i = 1; i + 1 < poses.length; i++) {
      const [a, b, c] = [i - 1, i, i + 1].map((frame) => poses[frame].translation[2]);
      sum += (a - 2 * b + c) ** 2;
    }
    return sum;
  };
  const [raw, smooth] = [await scene({}), await scene({ smooth: "savgol:window=7,order=1" })];
  ok(jerk(smooth) < jerk(raw) / 4);
  await rejects(scene({ smooth: "savgol:window=4" }), /window is 4, expected an odd/);
});

Deno.test("scene: --camera motion without a camera in the motion is an InputError", async () => {
  await rejects(
    scene({ persons: [{ motion: "builtin:walk" }] }),
    (error) =>
      error instanceof InputError && /"builtin:walk" has no camera of its own/.test(error.message),
  );
});

Deno.test("scene: a pose of the own body puts the pelvis of another one where it was", async () => {
  await withFolder(async (folder) => {
    const pose = join(folder, "pose.json");
    const body = { pose: new Float32Array(72), translation: [0.3, 0.1, -1] as const };
    await Deno.writeTextFile(pose, formatPose(body, undefined));
    const { body: smpl, persons } = await scene({}, pose);
    const pelvis = smpl.pose(persons[0].reference.known!.body).joints.subarray(0, 3);
    const own = (await readBody()).restJoints;
    pelvis.forEach((value, i) => ok(Math.abs(value - own[i] - body.translation[i]) < 1e-5));
  });
});

Deno.test("job: the body is an input like any other file", () => {
  const job = parseJob({
    reference: { image: "/a.png", pose: "/t.pkl#tid=2&frame=1" },
    persons: [{ motion: "/t.pkl#tid=2" }],
    body: "/smpl.pkl",
    output: "-",
  });
  deepEqual(inputFiles(job), ["/a.png", "/t.pkl", "/smpl.pkl"]);
  equal(job.smooth, "none");
});
