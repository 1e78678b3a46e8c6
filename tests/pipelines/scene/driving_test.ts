import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath, HELD_OUT_SEED, readBody, renderClip } from "../../../lib/data/mod.ts";
import { projectPoints } from "../../../lib/geometry/mod.ts";
import { frameAt, writePng, writeVideo } from "../../../lib/io/mod.ts";
import { type JobInput, parseJob } from "../../../lib/pipelines/job/mod.ts";
import { loadScene, openBackground } from "../../../lib/pipelines/mod.ts";
import { withEnv, withFolder } from "../../support/folders.ts";

const body = await readBody();
const size = { width: 320, height: 256 };
const truth = renderClip(body, {
  ...{ ...size, seed: HELD_OUT_SEED + 1, frames: 7, kind: "video" as const },
});
const { fps } = truth.frames;

/** Runs `test` with a function that checks a job, in a folder with a rendered clip and caches of its own. */
function withDance(
  test: (jobOf: (change?: Partial<JobInput>) => ReturnType<typeof parseJob>) => Promise<void>,
): Promise<void> {
  return withFolder((folder) =>
    withEnv({ XDG_CACHE_HOME: join(folder, "caches") }, async () => {
      const [image, motion] = ["photo.png", "dance.mp4"].map((name) => join(folder, name));
      await writePng(image, { ...truth.frames, count: 1, data: frameAt(truth.frames, 0) });
      await writeVideo(motion, truth.frames);
      await test((change) =>
        parseJob({
          reference: { image, pose: "none" },
          persons: [{ motion }],
          ...{ ...size, frames: 7, fps, output: "-" },
          ...change,
        })
      );
    })
  );
}

Deno.test("a video as a motion: the person moves and is seen as in it, over its scene without anybody", () =>
  withDance(async (jobOf) => {
    const job = jobOf({ background: "driving" });
    const notices: string[] = [];
    const { persons: [{ poses }], cameras } = await loadScene(job, {
      bodyPath,
      onNotice: (text) => notices.push(text),
    });
    deepEqual([poses.length, cameras.length], [7, 7]);
    for (const frame of [0, 6]) {
      const [seen, there] = [{ poses, cameras }, { ...truth, poses: truth.persons[0].poses }].map(
        ({ poses, cameras }) => {
          const { uv } = projectPoints(cameras[frame], body.poseJoints(poses[frame]));
          return [...uv.subarray(0, 24)];
        },
      );
      const off = seen.map((value, i) => Math.abs(value - there[i]));
      ok(Math.max(...off) < 14, `${off}`);
    }
    let count = 0;
    for await (const picture of (await openBackground(job))!) {
      const empty = frameAt(truth.background, count++);
      const off = picture.reduce((sum, v, i) => sum + Math.abs(v - empty[i]), 0) / picture.length;
      ok(off < 8, `${off}`);
    }
    equal(count, 7);
  }));

Deno.test("--background driving: another motion is refused, another camera is named", () =>
  withDance(async (jobOf) => {
    const walk = jobOf({ background: "driving", persons: [{ motion: "builtin:walk" }] });
    await rejects(openBackground(walk), /the motion "builtin:walk" is no video/);
    const notices: string[] = [];
    const orbit = jobOf({ background: "driving", camera: "orbit:deg=90" });
    await (await openBackground(orbit, (text) => notices.push(text)))?.return(undefined);
    match(notices.join(), /--camera motion goes with it/);
  }));

Deno.test("a video as a motion: half as many frames a second show every second of its moments", () =>
  withDance(async (jobOf) => {
    const load = async (change: Partial<JobInput>) =>
      (await loadScene(jobOf(change), { bodyPath })).persons[0].poses;
    const [all, half] = [await load({}), await load({ frames: 4, fps: fps / 2 })];
    const off = half.flatMap(({ pose }, i) => [...pose].map((v, j) => v - all[2 * i].pose[j]));
    ok(Math.max(...off.map(Math.abs)) < 1e-4);
    const tid = jobOf().persons.map(({ motion }) => ({ motion: `${motion}#tid=2` }));
    await rejects(
      loadScene(jobOf({ persons: tid }), { bodyPath }),
      /dance\.mp4#tid=2": a video has no "tid", expected #person=N/,
    );
    const picture = jobOf().reference.image;
    await rejects(
      loadScene(jobOf({ persons: [{ motion: picture }] }), { bodyPath }),
      /photo\.png" is a picture, which does not move/,
    );
  }));
