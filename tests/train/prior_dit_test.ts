import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Dataset, openDataset, readBody, writeDataset } from "../../lib/data/mod.ts";
import { parseIsaDitConfig, PRIOR_MAP } from "../../lib/models/isa_dit/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import {
  parseVideoVaeConfig,
  saveVideoVae,
  startVideoVae,
  VideoVae,
  videoVaePresets,
} from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { liveTensors, narrow, scope, type Tensor, toNumbers } from "../../lib/tensor/mod.ts";
import {
  DitData,
  type DitTrainConfig,
  ditTrainPresets,
  type DitValidation,
  humanClipOf,
  latentKey,
  prepareLatents,
  trainDit,
} from "../../lib/train/mod.ts";
import { namesIn, withFolder } from "../support/folders.ts";

const { latentChannels } = videoVaePresets.tiny;
const model = parseIsaDitConfig({
  ...{ ...ditTrainPresets.tiny.model, latentChannels, maps: ["prior"] },
  ...{ skip: "prior", tokens: "near" },
});
const config = {
  ...ditTrainPresets.tiny,
  model,
  samples: { ...ditTrainPresets.tiny.samples, clips: 1, steps: 2, cfgScale: 1, measured: 2 },
};
const numbers = (x: Tensor) => (toNumbers(x) as number[]).flat();

/** Two small clips with estimates, rendered once for all tests. */
let rendered: Promise<string> | undefined;

Deno.test.afterAll(async () => {
  if (rendered) await Deno.remove(await rendered, { recursive: true });
});

async function render(): Promise<string> {
  const out = await Deno.makeTempDir();
  const size = { width: 32, height: 32, frames: 9, shardSize: 2, workers: 1 };
  await writeDataset({ ...size, out, clips: 2, seed: 7, estimates: true });
  return out;
}

/** Hands over the clips, their latents, and what made them. */
async function withLatents(
  body: (at: { latents: string; folder: string; dataset: Dataset; vae: VideoVae }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    using dataset = await openDataset(await (rendered ??= render()));
    using vars = Vars.root({ seed: 1 });
    const vae = new VideoVae(vars, videoVaePresets.tiny);
    const latents = join(folder, "latents");
    await prepareLatents(dataset, latents, { body: await readBody(), vae, model });
    await body({ latents, folder, dataset, vae });
  });
}

async function picturesOf(dataset: Dataset) {
  const clips = await Array.fromAsync({ length: 2 }, async (_, index) => ({
    index,
    clip: humanClipOf(await dataset.clip(index), dataset.index.kind),
  }));
  return { body: await readBody(), clips };
}

Deno.test("train dit around the prior: it begins as the prior, and is measured beside it ever after", () =>
  withLatents(async ({ latents, folder, dataset, vae }) => {
    const pictures = await picturesOf(dataset);
    const before = liveTensors();
    const out = join(folder, "run");
    const reports: DitValidation[] = [];
    const losses: number[] = [];
    await trainDit(config, {
      ...{ latents, validation: latents, vae, pictures, out },
      onStep: ({ loss }) => losses.push(loss),
      onValidation: (report) => reports.push(report),
    });
    equal(losses.length, config.settings.steps);
    deepEqual(reports.map(({ step }) => step), [0, 2, 4]);
    const [first, , last] = reports;
    ok(Math.abs(first.loss - first.priorLoss!) < 1e-5, `${first.loss}, ${first.priorLoss}`);
    ok(Math.abs(first.oneStepPsnr! - first.priorPsnr!) < 1e-3);
    ok(Math.abs(first.oneStepPersonPsnr! - first.priorPersonPsnr!) < 1e-3);
    equal(last.priorLoss, first.priorLoss);
    equal(last.priorPsnr, first.priorPsnr);
    notEqual(last.loss, first.loss);
    notEqual(last.oneStepPsnr, first.oneStepPsnr);
    deepEqual(namesIn(join(out, "samples")), [
      "step-0000000.png",
      "step-0000002.png",
      "step-0000004.png",
    ]);
    equal(liveTensors(), before);
  }));

Deno.test("train dit around the prior: LoRA, SCD and swap attention go on from its weights", () =>
  withLatents(async ({ latents, folder }) => {
    const first = join(folder, "first");
    await trainDit(config, { latents, out: first });
    const init = (await openState(join(first, "isa_dit.safetensors"))).tensors;
    const before = liveTensors();
    const kinds: Readonly<Record<string, Partial<DitTrainConfig>>> = {
      lora: { lora: { rank: 2, alpha: 4 } },
      scd: { model: parseIsaDitConfig({ ...model, identity: "scd" }) },
      swap: { model: parseIsaDitConfig({ ...model, temporal: "swap", tokens: "all" }) },
      recomputed: { activationCheckpointing: true },
    };
    const settings = { ...config.settings, steps: 1 };
    const losses = new Map<string, number>();
    for (const [name, change] of Object.entries(kinds)) {
      await trainDit({ ...config, ...change, settings }, {
        ...{ latents, init, out: join(folder, name) },
        onStep: ({ loss }) => losses.set(name, loss),
      });
    }
    // Before anything is learnt they compute what the plain model does.
    const [plain, ...others] = [...losses.values()];
    for (const loss of others) ok(Math.abs(loss - plain) < 0.02 * plain, `${loss} and ${plain}`);
    equal(losses.size, 4);
    equal(liveTensors(), before);
  }));

Deno.test("train dit around the prior: the prior's planes lie over its clip's persons", () =>
  withLatents(async ({ latents }) => {
    const data = await DitData.open(latents, model);
    scope(() => {
      const { coverage, conditions } = data.clip(0);
      const plane = (i: number) =>
        numbers(narrow(conditions[PRIOR_MAP]!, 1, latentChannels + i, 1));
      const [drawn, sure, near, given] = [0, 1, 2, 3].map(plane);
      const truth = numbers(coverage);
      ok(given.every((value) => value === 1));
      ok(sure.every((value, i) => value <= drawn[i] + 1e-3));
      ok(near.every((value, i) => value >= drawn[i] - 1e-3));
      const gap = truth.reduce((sum, value, i) => sum + Math.abs(value - drawn[i]), 0);
      ok(gap < 0.5 * truth.reduce((sum, value) => sum + value, 0), `${gap}`);
    });
    data.dispose();
  }));

Deno.test("humanClipOf: every second scene is known by the estimates of its references", () =>
  withLatents(async ({ dataset }) => {
    for (const index of [0, 1]) {
      const clip = await dataset.clip(index);
      const { known, mask } = humanClipOf(clip, "any").persons[0].reference;
      const { estimate, referencePose, referenceMask } = clip.persons[0];
      const estimated = clip.seed % 2 === 1;
      deepEqual(known.body, estimated ? estimate!.pose : referencePose);
      deepEqual(mask!.data, estimated ? estimate!.mask : referenceMask);
    }
  }));

Deno.test("latentKey: a decoder that knows the prior makes no other latents", () =>
  withFolder(async (folder) => {
    using vars = Vars.root({ seed: 1 });
    const vae = new VideoVae(vars, videoVaePresets.tiny);
    const path = join(folder, "vae.safetensors");
    await saveVideoVae(path, vae);
    const priorDecoder = { channels: [4], blocks: 1 };
    const more = await startVideoVae(
      path,
      parseVideoVaeConfig({ ...videoVaePresets.tiny, priorDecoder }),
    );
    using other = Vars.root({ seed: 2 });
    const keys = [vae, more, new VideoVae(other, videoVaePresets.tiny)].map(latentKey);
    more.vars.dispose();
    equal(keys[1], keys[0]);
    notEqual(keys[2], keys[0]);
  }));
