import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath } from "../../../lib/data/mod.ts";
import { cameraCentre } from "../../../lib/geometry/mod.ts";
import { writeVideo } from "../../../lib/io/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { loadScene, openBackground } from "../../../lib/pipelines/mod.ts";
import { isa4d, textOf } from "../../support/cli.ts";
import { withFolder } from "../../support/folders.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";

const jobIn = (folder: string, change: object) =>
  parseJob({
    reference: { image: join(folder, "me.png"), pose: "none" },
    persons: [{ motion: "builtin:walk" }],
    ...{ width: 32, height: 32, frames: 8, fps: 8, camera: "orbit:deg=90", output: "-" },
    ...change,
  });

Deno.test("freeze: the body stands in one moment while the camera goes round it", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const scene = async (change: object) => {
      const { persons, cameras } = await loadScene(jobIn(folder, change), { bodyPath });
      return { poses: persons[0].poses, eyes: cameras.map((camera) => cameraCentre(camera)) };
    };
    const moving = await scene({});
    const { poses, eyes } = await scene({ freezeFrame: { frame: 5 } });
    for (const pose of poses) deepEqual(pose, moving.poses[5]);
    const way = Math.hypot(eyes[7][0] - eyes[0][0], eyes[7][2] - eyes[0][2]);
    const near = Math.hypot(
      eyes[0][0] - poses[0].translation[0],
      eyes[0][2] - poses[0].translation[2],
    );
    ok(way > near, `a quarter of a circle: ${way} m at ${near} m`);
  }));

Deno.test("freeze: with a length, the motion runs, stands and runs on; a background video likewise", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const background = join(folder, "bg.mp4");
    const data = Uint8Array.from(
      { length: 8 * 32 * 32 * 3 },
      (_, i) => 20 + 25 * Math.floor(i / (32 * 32 * 3)),
    );
    await writeVideo(background, { width: 32, height: 32, count: 8, fps: 8, data });
    const plain = jobIn(folder, { background });
    const job = jobIn(folder, { background, freezeFrame: { frame: 2, length: 3 } });
    const moments = [0, 1, 2, 2, 2, 2, 3, 4];
    const [moving, frozen] = [
      await loadScene(plain, { bodyPath }),
      await loadScene(job, { bodyPath }),
    ];
    for (const [frame, moment] of moments.entries()) {
      deepEqual(frozen.persons[0].poses[frame], moving.persons[0].poses[moment]);
    }
    const levels = [];
    for await (const picture of (await openBackground(job))!) {
      levels.push(Math.round((picture[0] - 20) / 25));
    }
    deepEqual(levels, moments);
  }));

Deno.test("isa4d generate --freeze-frame: is part of the job, and what is no frame is refused", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const printed = async (...flags: string[]) => {
      const args = [...smallJob, "--frames", "9", "-o", "x.mp4", "--print-job", ...flags];
      return JSON.parse(textOf((await isa4d(args, { cwd: folder })).stdout)).freezeFrame;
    };
    deepEqual(await printed("--freeze-frame", "8:16"), { frame: 8, length: 16 });
    deepEqual(await printed("--freeze-frame", "0"), { frame: 0 });
    equal(await printed(), undefined);
    const wrong = await isa4d([...smallJob, "-o", "x.mp4", "--freeze-frame", "a"], { cwd: folder });
    match(wrong.stderr, /expected a frame, or frame:length/);
    equal(wrong.code, 2);
    const beyond = await isa4d([...smallJob, "-o", "x.mp4", "--freeze-frame", "3"], {
      cwd: folder,
    });
    match(beyond.stderr, /--freeze-frame: frame 3 is beyond the clip: 0 to 2 would do\n$/);
    equal(beyond.code, 2);
    const frames = async (...flags: string[]) => {
      const args = [...smallJob, "--camera", "orbit:deg=90", ...flags];
      return (await isa4d([...args, "-o", "-", "--format", "rgb24"], { cwd: folder })).stdout;
    };
    notDeepEqual(await frames("--freeze-frame", "1"), await frames());
  }));
