import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { writePng } from "../../../lib/io/mod.ts";
import { type Job, parseJob } from "../../../lib/pipelines/job/mod.ts";
import {
  findWeights,
  generate,
  generateFromLatents,
  makeRecord,
  readLatents,
} from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeJobFiles } from "../../support/job_files.ts";

const SIDE = 64;
const scene = {
  ...{ width: SIDE, height: SIDE, count: 1, fps: 1 },
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => 60 + 9 * i % 140),
};

async function jobIn(folder: string, change: object = {}): Promise<Job> {
  await writePng(join(folder, "room.png"), scene);
  return parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:walk" }],
    ...{ weights: join(folder, "weights"), background: join(folder, "room.png") },
    ...{ width: SIDE, height: SIDE, frames: 5, steps: 1, output: "-", ...change },
  });
}

/** Pixels that are not the background's, of all and of those aside of the person, above the floor. */
function changed(frame: Uint8Array): { all: number; aside: number } {
  let [all, aside] = [0, 0];
  for (let at = 0; at < SIDE * SIDE; at++) {
    if ([0, 1, 2].every((c) => frame[at * 3 + c] === scene.data[at * 3 + c])) continue;
    all++;
    const above = at < SIDE * SIDE / 2;
    if (above && (at % SIDE < 8 || at % SIDE >= SIDE - 8)) aside++;
  }
  return { all, aside };
}

Deno.test("generate: a given background comes back bit by bit where nobody is, in windows too", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    for (const change of [{}, { frames: 9, window: 5, overlap: 1 }]) {
      const job = await jobIn(folder, change);
      const frames: Uint8Array[] = [];
      await generate(job, await findWeights(job.weights), async (video) => {
        for await (const frame of video.frames) frames.push(frame.slice());
      });
      equal(frames.length, job.frames);
      for (const frame of frames) {
        const { all, aside } = changed(frame);
        equal(aside, 0);
        ok(all > 100, `the model's person is there: ${all} pixels`);
      }
    }
    equal(liveTensors(), live);
  }));

Deno.test("generate: without a background nothing is laid under the frames", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const job = await jobIn(folder, { background: "none" });
    await generate(job, await findWeights(job.weights), async (video) => {
      for await (const frame of video.frames) ok(changed(frame).aside > 250);
    });
  }));

Deno.test("generateFromLatents: the same frames again; without the files as the VideoVAE gives them", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const job = await jobIn(folder);
    const weights = await findWeights(job.weights);
    const latents = join(folder, "latents.safetensors");
    const record = await makeRecord(job, weights.all);
    const first: Uint8Array[] = [], again: Uint8Array[] = [];
    await generate(job, weights, async ({ frames }) => {
      for await (const frame of frames) first.push(frame.slice());
    }, { files: { record, latents } });
    const notices: string[] = [];
    const decode = async (into: Uint8Array[]) => {
      await generateFromLatents(job, weights, await readLatents(latents), async ({ frames }) => {
        for await (const frame of frames) into.push(frame.slice());
      }, { onNotice: (text) => notices.push(text) });
    };
    await decode(again);
    deepEqual(again, first);
    deepEqual(notices, []);
    await Deno.remove(join(folder, "room.png"));
    const bare: Uint8Array[] = [];
    await decode(bare);
    ok(changed(bare[0]).aside > 250);
    match(notices.join(), /the background is as the VideoVAE gives it back, since .*room\.png/);
  }));
