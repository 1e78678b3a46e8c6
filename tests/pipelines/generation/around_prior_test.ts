import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { openDataset, readBody, renderReference, writeDataset } from "../../../lib/data/mod.ts";
import { formatCameras } from "../../../lib/geometry/mod.ts";
import { readImage, sequencePath, writePng } from "../../../lib/io/mod.ts";
import {
  IsaDit,
  type IsaDitConfig,
  isaDitPresets,
  parseIsaDitConfig,
  PRIOR_MAP,
  saveIsaDit,
} from "../../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../../lib/models/video_vae/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import { type Job, parseJob } from "../../../lib/pipelines/job/mod.ts";
import {
  encodeConditions,
  findJobWeights,
  findWeights,
  formatPose,
  generate,
  generateClip,
  generateFromLatents,
  generateMatte,
  makeRecord,
  Models,
  readLatents,
} from "../../../lib/pipelines/mod.ts";
import {
  checkGridOutput,
  generateGrid,
  generateViews,
  makeGridRecord,
  parseGridJob,
} from "../../../lib/pipelines/grid/mod.ts";
import { priorClip, priorVideo } from "../../../lib/prior/mod.ts";
import {
  disposeAll,
  liveTensors,
  narrow,
  scope,
  type Tensor,
  toNumbers,
} from "../../../lib/tensor/mod.ts";
import { DitData, humanClipOf, prepareLatents } from "../../../lib/train/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";

const body = await readBody();
const made = renderReference(body, { seed: 22, width: 48, height: 64 });
const around = { maps: ["prior"], skip: "prior", tokens: "near" } as const;
const numbers = (x: Tensor) => (toNumbers(x) as number[]).flat();

/** Weights around the prior, which say nothing where `silent`, a picture with its pose, and a job. */
async function jobIn(
  folder: string,
  { silent = false, model = {}, aside = 0, ...change }: {
    readonly silent?: boolean;
    readonly model?: Partial<IsaDitConfig>;
    /** Metres by which the pose is wrong. */
    readonly aside?: number;
  } & Partial<Job> = {},
): Promise<Job> {
  const weights = join(folder, "weights");
  await Deno.mkdir(weights, { recursive: true });
  const config = parseIsaDitConfig({ ...isaDitPresets.tiny, ...around, ...model });
  await writeTinyWeights(weights, config);
  if (silent) {
    using vars = Vars.root({ seed: 2 });
    new IsaDit(vars, config);
    await saveIsaDit(join(weights, "isa_dit.safetensors"), { config, vars });
  }
  const { pose, translation: [x, y, z], shape } = made.referencePose;
  await writePng(join(folder, "me.png"), made.reference);
  const camera = JSON.parse(formatCameras([made.referenceCamera]));
  const moved = { pose, translation: [x + aside, y, z] as const, shape };
  await Deno.writeTextFile(join(folder, "me.json"), formatPose(moved, camera));
  return parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: [{ motion: "builtin:wave" }],
    ...{ weights, width: 64, height: 64, frames: 5, steps: 1, cfgScale: 1, output: "-" },
    background: "#204060",
    ...change,
  });
}

async function framesOf(
  job: Job,
  { weights = job.weights, notices = [] }: { weights?: string; notices?: string[] } = {},
): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  await generate(job, await findJobWeights(weights), async (video) => {
    equal(video.width * video.height * 3, job.width * job.height * 3);
    for await (const frame of video.frames) frames.push(frame.slice());
  }, { onNotice: (text) => notices.push(text) });
  equal(frames.length, job.frames);
  return frames;
}

/** Pixels that differ by more than rounding. */
function changed(frames: readonly Uint8Array[], others: readonly Uint8Array[]): number {
  return frames.reduce(
    (sum, frame, i) =>
      sum +
      frame.reduce((count, value, at) => count + (Math.abs(value - others[i][at]) > 1 ? 1 : 0), 0),
    0,
  );
}

Deno.test("around the prior: a silent network's video in one step is the prior's, whole, in windows, at any size, with SCD and swap", () =>
  withFolder(async (folder) => {
    const before = liveTensors();
    const windows = { frames: 13, window: 5, overlap: 1 } as const;
    const models: Partial<IsaDitConfig>[] = [
      { pictureSide: 32 },
      { identity: "scd" },
      { temporal: "swap", tokens: "all" },
      { views: "hard" },
    ];
    const changes = [{}, windows, { width: 90, height: 70 }, ...models.map((model) => ({ model }))];
    for (const change of changes) {
      const job = await jobIn(folder, { silent: true, ...change });
      equal(changed(await framesOf(job), await framesOf(job, { weights: "none" })), 0);
    }
    equal(liveTensors(), before);
  }));

Deno.test("around the prior: in bfloat16 a silent network's video is the prior's too", () =>
  withFolder(async (folder) => {
    const job = await jobIn(folder, { silent: true, dtype: "bfloat16" });
    const [frames, prior] = [await framesOf(job), await framesOf(job, { weights: "none" })];
    const far = frames.flatMap((frame, i) => [...frame].map((x, at) => Math.abs(x - prior[i][at])));
    // The decoder of random weights rounds what differs least by some levels here and there.
    const mean = far.reduce((sum, x) => sum + x, 0) / far.length;
    ok(mean <= 1, `${mean} levels`);
    ok(far.filter((x) => x > 8).length < 0.01 * far.length);
  }));

Deno.test("around the prior: what the network says changes the person, and nothing far away", () =>
  withFolder(async (folder) => {
    for (const model of [{}, { pictureSide: 32 }]) {
      const job = await jobIn(folder, { steps: 2, model });
      const [frames, prior] = [await framesOf(job), await framesOf(job, { weights: "none" })];
      ok(changed(frames, prior) > 500, `${changed(frames, prior)}`);
      for (const [i, frame] of frames.entries()) {
        const column = (of: Uint8Array) => of.filter((_, at) => Math.floor(at / 3) % 64 === 0);
        deepEqual(column(frame), column(prior[i]));
      }
    }
  }));

Deno.test("around the prior: latents that were kept decode to the same frames, without background too", () =>
  withFolder(async (folder) => {
    for (const change of [{ model: { pictureSide: 32 } }, { background: "none" }]) {
      const job = await jobIn(folder, change);
      const weights = await findWeights(job.weights);
      const latents = join(folder, "latents.safetensors");
      const record = await makeRecord(job, weights.all);
      const [first, again]: Uint8Array[][] = [[], []];
      await generate(job, weights, async ({ frames }) => {
        for await (const frame of frames) first.push(frame.slice());
      }, { files: { record, latents } });
      await generateFromLatents(job, weights, await readLatents(latents), async ({ frames }) => {
        for await (const frame of frames) again.push(frame.slice());
      });
      deepEqual(again, first);
    }
  }));

Deno.test("around the prior: a pose that is unknown or does not fit leaves the persons to the model, with a warning", () =>
  withFolder(async (folder) => {
    const right = await jobIn(folder);
    const notices: string[] = [];
    const known = await framesOf(right, { notices });
    deepEqual(notices, []);
    const wrong = await jobIn(folder, { aside: 0.5 });
    const unfit = await framesOf(wrong, { notices });
    match(notices[0], /^only \d+ % of the body's visible side lies on the person of .*me\.png/);
    match(notices[1], /a pose does not fit it: what the persons look like is left to the model/);
    const outside = await framesOf(await jobIn(folder, { aside: 9 }), { notices });
    match(notices[2], /^only 0 % of the body's visible side/);
    deepEqual(outside, unfit);
    notices.length = 0;
    const reference = { ...right.reference, pose: "none" };
    await framesOf({ ...right, reference }, { notices });
    ok(notices.some((text) => /a reference's pose is not known/.test(text)));
    notDeepEqual(known, unfit);
  }));

Deno.test("around the prior: mattes are the person's, and guidance asks both branches", () =>
  withFolder(async (folder) => {
    const job = await jobIn(folder, { steps: 2, cfgScale: 1.5, frames: 1 });
    await generateMatte(job, await findWeights(job.weights), async ({ frames }) => {
      for await (const frame of frames) {
        const opaque = Array.from({ length: 64 * 64 }, (_, at) => frame[at * 4 + 3])
          .filter((alpha) => alpha > 200).length;
        ok(opaque > 100 && opaque < 2000, `${opaque}`);
      }
    });
  }));

Deno.test("around the prior: a silent network's grid is the prior of each view", () =>
  withFolder(async (folder) => {
    const output = join(folder, "g/%04d.png");
    const { persons, reference, ...job } = await jobIn(folder, { silent: true, frames: 3, output });
    const cameras = ["static", "orbit:deg=60"];
    const grid = parseGridJob({
      job: { ...job, persons, reference },
      ...{ views: 2, viewCameras: cameras },
    });
    const weights = await findWeights(job.weights);
    const [record, paths] = [await makeGridRecord(grid, weights.all), await checkGridOutput(grid)];
    await generateGrid(grid, { weights, record, paths });
    for (const [view, camera] of cameras.entries()) {
      const expected = await framesOf({ ...job, persons, reference, camera }, { weights: "none" });
      const found = await Promise.all(expected.map(async (_, i) => {
        const picture = sequencePath(join(folder, `g/view-${view}/%04d.png`), i + 1);
        return (await readImage(picture)).data;
      }));
      equal(changed(found, expected), 0);
    }
  }));

/** Clips of two views, and models around the prior. */
async function withClips(
  silent: boolean,
  then: (at: Awaited<ReturnType<typeof clipsIn>>) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const at = await clipsIn(folder, silent);
    try {
      await then(at);
    } finally {
      at.models.dispose();
      at.dataset[Symbol.dispose]();
    }
  });
}

async function clipsIn(folder: string, silent: boolean) {
  const out = join(folder, "clips");
  const size = { width: 32, height: 32, frames: 9, shardSize: 2, workers: 1, views: 2 };
  await writeDataset({ ...size, out, clips: 2, seed: 7 });
  const { weights } = await jobIn(folder, { silent });
  const models = await Models.load(await findWeights(weights));
  return { folder, models, dataset: await openDataset(out) };
}

const oneStep = { steps: 1, cfgScale: 1, flowShift: 1, seed: 0 };

Deno.test("generateClip, generateViews: a silent network's clips are the priors', with no background too", () =>
  withClips(true, async ({ models, dataset }) => {
    const clips = await dataset.group(0);
    for (const backgroundGiven of [true, false]) {
      const told = clips.map((clip) => ({ ...clip, backgroundGiven }));
      const expected = clips.map((clip) => priorVideo(body, priorClip(clip, { backgroundGiven })));
      const one = await generateClip(models, body, told[0], oneStep);
      equal(changed([one.data], [expected[0]]), 0);
      const views = await generateViews(models, body, told, oneStep);
      equal(changed(views.map(({ data }) => data), expected), 0);
    }
  }));

Deno.test("around the prior: training and generation read the same prior", () =>
  withClips(false, async ({ folder, models, dataset }) => {
    const latents = join(folder, "latents");
    // As writeTinyWeights makes it.
    using vars = Vars.root({ seed: 1 });
    const vae = new VideoVae(vars, videoVaePresets.tiny);
    await prepareLatents(dataset, latents, { body, vae, model: models.dit.config });
    const { persons, cameras, background } = humanClipOf(await dataset.clip(1), "any");
    const bytes = background!.data.length / background!.count;
    const told = await encodeConditions(models, {
      ...{ body, persons, cameras, width: 32, height: 32 },
      background: Array.from(
        { length: background!.count },
        (_, i) => background!.data.subarray(i * bytes, (i + 1) * bytes),
      ),
    });
    const data = await DitData.open(latents, models.dit.config);
    scope(() => {
      const [cached, own] = [data.clip(1).conditions, told].map((of) => numbers(of[PRIOR_MAP]!));
      const spread = Math.max(...own) - Math.min(...own);
      const gap = Math.max(...own.map((value, i) => Math.abs(value - cached[i])));
      ok(gap < 2e-3 * spread, `${gap} of ${spread}`);
      const coverage = numbers(narrow(told[PRIOR_MAP]!, 1, videoVaePresets.tiny.latentChannels, 1));
      ok(Math.max(...coverage) > 0.1);
    });
    data.dispose();
    disposeAll(told);
  }));
