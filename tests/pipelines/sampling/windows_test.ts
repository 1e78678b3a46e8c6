import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { formatCameras, lookAt } from "../../../lib/geometry/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import {
  findWeights,
  generate,
  type GenerateProgress,
  makeRecord,
} from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { isa4d } from "../../support/cli.ts";
import { withFolder } from "../../support/folders.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";

/** Frames of a small job on files of `folder`. */
async function frames(folder: string, change: object, onProgress?: (p: GenerateProgress) => void) {
  const job = parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:walk" }],
    weights: join(folder, "weights"),
    ...{ width: 32, height: 32, frames: 21, steps: 2, output: "-", background: "#204060" },
    ...change,
  });
  const pictures: Uint8Array[] = [];
  await generate(job, await findWeights(job.weights), async (video) => {
    for await (const picture of video.frames) pictures.push(picture);
  }, { onProgress });
  return pictures;
}

Deno.test("windows: a window as long as the clip samples it whole, to the bit", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const whole = await frames(folder, { window: "off" });
    deepEqual(await frames(folder, { window: 21 }), whole);
    deepEqual(await frames(folder, {}), whole);
  }));

Deno.test("windows: every window of every step is told of, all frames come, nothing leaks", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    for (const sampler of ["euler", "dpm++2m"]) {
      const seen: GenerateProgress[] = [];
      const change = { window: 9, overlap: 4, sampler, cfgInterval: [0.6, 1] };
      equal((await frames(folder, change, (p) => seen.push(p))).length, 21);
      // 6 latent frames in windows of 3 that share 1: they begin at 0, 2 and 3.
      const steps = seen.filter(({ stage }) => stage === "sampling");
      deepEqual([steps.length, steps.at(-1)!.done, steps.at(-1)!.of], [6, 6, 6]);
    }
    equal(liveTensors(), live);
  }));

Deno.test("windows: what only a later window sees does not touch what only an earlier one sees", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const filmed = async (name: string, late: number) => {
      const lens = { width: 32, height: 32, fovYDegrees: 40 };
      const path = Array.from(
        { length: 21 },
        (_, frame) => lookAt([frame > 8 ? late : 0, 1, 4], [0, 1, 0], lens),
      );
      await Deno.writeTextFile(join(folder, name), formatCameras(path, { fps: 8 }));
      // 6 latent frames in two windows of 3 that share none.
      return await frames(folder, { window: 9, overlap: 0, camera: join(folder, name) });
    };
    const [a, b] = [await filmed("a.json", 0.5), await filmed("b.json", 1)];
    deepEqual(a.slice(0, 9), b.slice(0, 9));
    notDeepEqual(a.slice(9), b.slice(9));
  }));

Deno.test("windows: an abort between two windows ends it, and nothing leaks", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    const controller = new AbortController();
    const job = parseJob({
      reference: { image: join(folder, "me.png"), pose: "none" },
      persons: [{ motion: "builtin:walk" }],
      weights: join(folder, "weights"),
      ...{ width: 32, height: 32, frames: 21, steps: 2, output: "-", window: 9 },
    });
    const work = generate(job, await findWeights(job.weights), () => Promise.resolve(), {
      onProgress: ({ stage, done }) => {
        if (stage === "sampling" && done === 2) controller.abort(new Error("enough"));
      },
      signal: controller.signal,
    });
    await rejects(work, /enough/);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d generate --window: works in windows of so many frames; too much overlap is refused", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const long = [...smallJob, "--frames", "21", "--window", "9", "--overlap", "4"];
    const one = await isa4d([...long, "-o", "a/%03d.png"], { cwd: folder });
    equal(one.code, 0, one.stderr);
    match(one.stderr, /sampling 6\/6/);
    const wrong = await isa4d([...long, "--overlap", "12", "-o", "b.mp4"], { cwd: folder });
    match(wrong.stderr, /windows of 9 frames cannot share 12: at most 8 would do/);
    ok(wrong.code > 0);
  }));

Deno.test("windows: a run that was cut within a step goes on from the last whole one to the same bits", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const change = { window: 9, overlap: 4, sampler: "dpm++2m", steps: 3 };
    const whole = await frames(folder, change);
    const job = parseJob({
      reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
      persons: [{ motion: "builtin:walk" }],
      weights: join(folder, "weights"),
      ...{ width: 32, height: 32, frames: 21, output: "-", background: "#204060" },
      ...change,
    });
    const weights = await findWeights(job.weights);
    const files = { record: await makeRecord(job, []), state: join(folder, "s.safetensors") };
    const controller = new AbortController();
    const cut = generate(job, weights, () => Promise.resolve(), {
      files: { ...files, every: 1 },
      onProgress: ({ stage, done }) => {
        if (stage === "sampling" && done === 7) controller.abort(new Error("enough"));
      },
      signal: controller.signal,
    });
    await rejects(cut, /enough/);
    const pictures: Uint8Array[] = [];
    await generate(job, weights, async (video) => {
      for await (const picture of video.frames) pictures.push(picture);
    }, { files: { ...files, resume: true } });
    deepEqual(pictures, whole);
  }));
