import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { findWeights, generate, Models } from "../../../lib/pipelines/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";
import { isa4d, textOf } from "../../support/cli.ts";
import { withFolder } from "../../support/folders.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";

/** Pixels of a small job, and how many clips its last layer was asked about. */
async function made(folder: string, change: object) {
  const job = parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:walk" }],
    weights: join(folder, "weights"),
    ...{ width: 32, height: 32, frames: 5, steps: 4, output: "-" },
    ...change,
  });
  const pixels: number[] = [];
  const weights = await findWeights(job.weights);
  let asked = 0;
  await generate(job, weights, async ({ frames }) => {
    for await (const picture of frames) pixels.push(...picture);
  }, {
    models: {
      load: async (...args) => {
        const models = await Models.load(...args);
        const last = models.dit.layers.at(-1)!;
        const forward = last.forward.bind(last);
        last.forward = (...given) => {
          asked += given[0].x_BTLD.shape[0];
          return forward(...given);
        };
        return models;
      },
    },
  });
  return { pixels, asked };
}

Deno.test("flow cache: what is kept never is what was asked for: the same bits", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const plain = await made(folder, {});
    // Four steps, two branches each.
    equal(plain.asked, 8);
    deepEqual(await made(folder, { cfgEvery: 1, blockCache: 1e-9 }), plain);
  }));

Deno.test("flow cache: guidance kept for two steps asks three quarters, blocks kept for all ask once", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const live = liveTensors();
    const plain = await made(folder, {});
    const guidance = await made(folder, { cfgEvery: 2 });
    equal(guidance.asked, 6);
    const blocks = await made(folder, { blockCache: 10 });
    equal(blocks.asked, 2);
    const both = await made(folder, { cfgEvery: 4, blockCache: 10 });
    // Once with both branches, once with the conditional one alone.
    equal(both.asked, 3);
    for (const { pixels } of [guidance, blocks, both]) {
      notDeepEqual(pixels, plain.pixels);
      const off = pixels.reduce((sum, v, i) => sum + Math.abs(v - plain.pixels[i]), 0);
      ok(off / pixels.length < 40, `${off / pixels.length}`);
    }
    const windows = { frames: 21, window: 9, overlap: 4, cfgEvery: 2, blockCache: 10 };
    equal((await made(folder, windows)).asked, 3 * 3);
    equal(liveTensors(), live);
  }));

Deno.test("isa4d generate --cfg-every --block-cache: are part of the job", () =>
  withFolder(async (folder) => {
    const args = [...smallJob, "-o", "x.mp4", "--print-job", "--cfg-every", "3"];
    const { stdout } = await isa4d([...args, "--block-cache", "0.12"], { cwd: folder });
    const { cfgEvery, blockCache } = JSON.parse(textOf(stdout));
    deepEqual([cfgEvery, blockCache], [3, 0.12]);
  }));
