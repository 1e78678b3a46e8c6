import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { writeSafetensors } from "../../lib/io/mod.ts";
import {
  decodeLatents,
  encodeClip,
  type ModelConfigs,
  presetConfigs,
  readModelConfigs,
  sampleLatents,
} from "../../lib/pipelines/mod.ts";
import { parseMemory, planJob, type PlanSize, rehearseJob } from "../../lib/plan/mod.ts";
import { disposeAll, liveTensors, MemoryTrace, type Tensor, zeros } from "../../lib/tensor/mod.ts";
import { IsaDit, type IsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { sampleGrid } from "../../lib/pipelines/grid/sample_grid.ts";
import { metaConditions } from "../../lib/plan/model_facts.ts";
import { CallTally } from "../../lib/plan/call_tally.ts";
import { calibrate, secondsFor } from "../../lib/plan/calibration.ts";
import { evaluationsOf } from "../../lib/plan/evaluations.ts";
import { withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const size: PlanSize = {
  ...{ width: 64, height: 48, frames: 9, steps: 3, cfgScale: 2, cfgInterval: [0, 1] },
  ...{ flowShift: 1, sampler: "euler", vaeTiling: "off", dtype: "float32" },
  ...{ persons: 1, background: true, device: "cpu" },
};

/** Samples on the CPU under conditions that hold nothing but zeros. */
async function sampleReally(dit: IsaDit, size: PlanSize): Promise<Tensor> {
  const views = size.grid?.views ?? 1;
  const described = metaConditions(dit.config, size, { persons: size.persons, views });
  const conditions = Object.fromEntries(
    Object.entries(described).map((
      [name, like],
    ) => [name, zeros(like!.shape, { dtype: like!.dtype })]),
  ) as unknown as typeof described;
  disposeAll(described);
  const sample = size.grid ? sampleGrid : sampleLatents;
  try {
    return await sample(dit, conditions, { ...size, seed: 0 });
  } finally {
    disposeAll(conditions);
  }
}

/** The most bytes that the real stages hold on the CPU, besides weights. */
async function measuredPeaks(configs: ModelConfigs): Promise<Record<string, number>> {
  using vaeVars = Vars.root({ seed: 1 });
  using ditVars = Vars.root({ seed: 2 });
  const vae = new VideoVae(vaeVars, configs.vae);
  const dit = new IsaDit(ditVars, configs.dit);
  const { width, height, frames } = size;
  const resident = [...vaeVars.named(), ...ditVars.named()].map(([, variable]) => variable);
  const peakOf = async (body: () => Promise<unknown>) => {
    const trace = new MemoryTrace({ resident });
    await trace.follow(async () => disposeAll({ result: await body() }));
    return trace.peak;
  };
  const black = Array.from({ length: frames }, () => new Uint8Array(width * height * 3));
  const clip = { width, height, fps: 8, frames: black };
  const encode = await peakOf(async () => (await encodeClip(vae, clip, { tiling: "off" })).latents);
  const sample = await peakOf(() => sampleReally(dit, size));
  const decode = await peakOf(async () => {
    using latents = zeros([1, vae.config.latentChannels, 3, height / 8, width / 8]);
    const stored = { latents, frames, width, height, fps: 8 };
    for await (const _ of decodeLatents(vae, stored, { chunk: 1, tiling: "off" }));
  });
  return { encode, sample, decode };
}

Deno.test("plan: on meta the stages hold what they hold on the CPU", async () => {
  const before = liveTensors();
  const dit = { ...presetConfigs("tiny").dit, latentChannels: videoVaePresets.tiny.latentChannels };
  const configs = { vae: videoVaePresets.tiny, dit };
  const { stages } = await rehearseJob(configs, size);
  const measured = await measuredPeaks(configs);
  for (const { stage, working } of stages) {
    // What convolutions take for themselves is told in the plan and seen by no trace.
    const most = stage === "sample" ? 1.02 : 1.25;
    const ratio = working / measured[stage];
    ok(ratio > 0.98 && ratio < most, `${stage}: ${working} against ${measured[stage]}`);
  }
  equal(liveTensors(), before);
});

Deno.test("plan: operations grow as the job does", async () => {
  const configs = presetConfigs("tiny");
  const flops = async (change: Partial<PlanSize>) =>
    Object.fromEntries(
      (await rehearseJob(configs, { ...size, ...change })).stages.map((s) => [s.stage, s.flops]),
    );
  const base = await flops({});
  const [longer, cheap, partly, heun, still] = [
    await flops({ steps: 13 }),
    await flops({ steps: 13, cfgScale: 1 }),
    await flops({ steps: 13, cfgInterval: [0.5, 1] }),
    await flops({ steps: 13, sampler: "heun" }),
    await flops({ background: false }),
  ];
  const step = (longer.sample - base.sample) / 10;
  ok(base.sample > 3 * step && base.sample < 4 * step, "a step, and the conditions once");
  ok(Math.abs(cheap.sample / longer.sample - 0.5) < 0.01, "guidance doubles");
  ok(partly.sample > 1.05 * cheap.sample && partly.sample < 0.95 * longer.sample);
  ok(heun.sample > 1.8 * longer.sample && heun.sample < 2.1 * longer.sample);
  ok(still.encode < base.encode / 2);
  deepEqual([still.sample, still.decode], [base.sample, base.decode]);
});

Deno.test("plan: the paper's model is planned without weights, and told what would make it fit", async () => {
  const paper = { ...size, width: 1408, height: 768, frames: 33, steps: 30 };
  const memory = 28 * 2 ** 30;
  const plan = await planJob(presetConfigs("isa4d-4b"), {
    ...paper,
    vaeTiling: "auto",
    device: "cuda",
  }, { memory, calibrate: false });
  const dit = plan.models.find(({ model }) => model === "isa_dit")!;
  ok(Math.abs(dit.parameters - 4e9) < 0.4e9);
  equal(plan.fits, false);
  equal(plan.seconds, undefined);
  ok(plan.stages.every(({ flops }) => flops > 1e14));
  const fitting = plan.advice.filter(({ fits }) => fits);
  ok(fitting.some(({ flags }) => /--vae-tiling/.test(flags)), JSON.stringify(plan.advice));
  ok(fitting.every(({ peak }) => peak <= memory));
  ok(plan.advice.every(({ peak }) => peak < plan.peak));
});

Deno.test("plan: what fits is told nothing; a size that the model has to fill up costs the filled one", async () => {
  const plan = await planJob(presetConfigs("tiny"), size, { memory: 2 ** 40, calibrate: false });
  deepEqual([plan.fits, plan.advice], [true, []]);
  const planned = (sides: Pick<PlanSize, "width" | "height">) =>
    planJob(presetConfigs("small"), { ...size, ...sides }, { calibrate: false });
  const odd = await planned({ width: 70, height: 90 });
  const filled = await planned({ width: 96, height: 96 });
  deepEqual(odd.stages, filled.stages);
  deepEqual([odd.size.width, odd.size.height], [70, 90]);
});

Deno.test("calibration: speeds are numbers, and time is in proportion to the calls", () => {
  const before = liveTensors();
  const calls = new CallTally();
  const linear = { op: "aten::linear", inputs: [[64, 128], [256, 128]], outputs: [[64, 256]] };
  const attention = {
    op: "aten::scaled_dot_product_attention",
    inputs: [[1, 2, 32, 16], [1, 2, 48, 16], [1, 2, 48, 16]],
    outputs: [[1, 2, 32, 16]],
  };
  const conv = {
    op: "aten::conv3d",
    inputs: [[1, 4, 3, 10, 10], [8, 4, 2, 3, 3]],
    outputs: [[1, 8, 2, 8, 8]],
  };
  for (const call of [linear, attention, conv]) calls.add({ ...call, bytes: 1e5 }, 1e5);
  calls.add({ op: "aten::add.Tensor", inputs: [[1000]], outputs: [[1000]], bytes: 8000 }, 4000);
  const speeds = calibrate(calls, { device: "cpu", dtype: "float32", seconds: 0.2 });
  for (const kind of [...Object.values(speeds.work), ...Object.values(speeds.motion)].flat()) {
    ok(kind.rate > 1e6 && Number.isFinite(kind.rate), JSON.stringify(kind));
  }
  equal(Object.values(speeds.work).every((kinds) => kinds.length === 1), true);
  const twice = new CallTally();
  twice.addAll(calls, 2);
  const [one, two] = [secondsFor(calls, speeds), secondsFor(twice, speeds)];
  ok(one > 0 && Math.abs(two / one - 2) < 1e-9);
  equal(liveTensors(), before);
});

Deno.test("plan: sizes of memory are read in the usual spellings", () => {
  deepEqual(["24GB", "24GiB", "1.5 g", "512M", "1024"].map(parseMemory), [
    24 * 2 ** 30,
    24 * 2 ** 30,
    1.5 * 2 ** 30,
    512 * 2 ** 20,
    1024,
  ]);
  for (const text of ["", "much", "0GB", "-3G"]) {
    throws(() => parseMemory(text), /is no size of memory, expected one such as 24GB/);
  }
});

Deno.test("plan: configurations are read from the weights' headers alone", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const { vae, dit } = await readModelConfigs(folder);
    deepEqual([vae.latentChannels, dit.latentChannels, dit.width], [4, 4, 48]);
    await writeSafetensors(join(folder, "isa_dit.safetensors"), new Map(), {});
    const error = await readModelConfigs(folder).then(() => undefined, (e: Error) => e);
    ok(error && /isa_dit\.safetensors" holds no ISA-DiT/.test(error.message), `${error}`);
  }));

Deno.test("plan: in windows ten times the frames take ten times the work, and only the latents themselves grow", async () => {
  const configs = presetConfigs("tiny");
  const planned = async (frames: number, window: "off" | number) => {
    const { stages } = await rehearseJob(configs, { ...size, frames, window, overlap: 4 });
    return stages.find(({ stage }) => stage === "sample")!;
  };
  const [short, long, whole] = [
    await planned(33, 17),
    await planned(321, 17),
    await planned(321, "off"),
  ];
  ok(long.working < 2.5 * short.working, `${long.working} and ${short.working}`);
  ok(whole.working > 4 * long.working, `${whole.working} and ${long.working}`);
  const ratio = long.flops / short.flops;
  ok(ratio > 8 && ratio < 14, `${ratio}`);
});

Deno.test("plan: a walk's evaluations are those of guidance's interval, and of guidance kept", () => {
  const count = (change: Partial<PlanSize>) => {
    const all = evaluationsOf({ ...size, steps: 10, ...change });
    return all.filter(({ branches }) => branches === "both").length / all.length;
  };
  deepEqual([count({}), count({ cfgScale: 1 }), count({ cfgInterval: [0.45, 1] })], [1, 0, 0.6]);
  deepEqual([count({ cfgEvery: 3 }), count({ cfgEvery: 100 })], [0.4, 0.1]);
});

/** Bytes and operations of sampling, on meta and on the CPU. */
async function planAndReality(
  config: IsaDitConfig,
  size: PlanSize,
): Promise<{ readonly bytes: readonly number[]; readonly flops: readonly number[] }> {
  const configs = { ...presetConfigs("tiny"), dit: config };
  const { stages } = await rehearseJob(configs, size);
  const { working, flops } = stages.find(({ stage }) => stage === "sample")!;
  using vars = Vars.root({ seed: 1 });
  const dit = new IsaDit(vars, config);
  const calls = new CallTally();
  const trace = new MemoryTrace({
    resident: [...vars.named().values()],
    onCall: (call, made) => calls.add(call, made),
  });
  await trace.follow(async () => disposeAll({ result: await sampleReally(dit, size) }));
  return { bytes: [working, trace.peak], flops: [flops, calls.flops] };
}

const like = (base: IsaDitConfig): IsaDitConfig => ({
  ...presetConfigs("tiny").dit,
  ...{ identity: base.identity, views: base.views },
});

for (
  const [name, preset, change] of [
    ["four views of a grid", "small-grid", {
      grid: { views: 4, givenViews: 0, givenTime: false },
      ...{ width: 32, height: 32, frames: 5, cfgEvery: 2 },
    }],
    ["guidance kept and outside of its interval", "small", {
      ...{ steps: 7, cfgEvery: 2, cfgInterval: [0.2, 0.8] },
    }],
    ["two persons of SCD, whose references are read once", "small-scd", { persons: 2, steps: 6 }],
  ] as const
) {
  Deno.test(`plan: ${name} are counted as they are`, async () => {
    const { dit } = presetConfigs(preset);
    const { bytes, flops } = await planAndReality(like(dit), { ...size, ...change } as PlanSize);
    ok(Math.abs(flops[0] / flops[1] - 1) < 1e-9, `operations ${flops}`);
    ok(Math.abs(bytes[0] / bytes[1] - 1) < 0.02, `bytes ${bytes}`);
  });
}

Deno.test("plan: a block cache is told from its least to its most", async () => {
  const configs = presetConfigs("tiny");
  const flopsOf = async (change: Partial<PlanSize>) => {
    const plan = await planJob(configs, { ...size, steps: 8, ...change }, { calibrate: false });
    return plan.stages.find(({ stage }) => stage === "sample")!;
  };
  const [plain, cached] = [await flopsOf({}), await flopsOf({ blockCache: 0.1 })];
  equal(cached.flops, plain.flops);
  ok(cached.least && cached.least.flops < plain.flops, JSON.stringify(cached));
  ok(cached.working > plain.working, "what is kept takes memory");
  equal(
    (await flopsOf({ blockCache: 0.1, grid: { views: 2, givenViews: 0, givenTime: false } })).least,
    undefined,
  );
});

Deno.test("plan: around the prior a large picture is sampled at the model's size, and decoded beside its prior", async () => {
  const { vae, dit } = presetConfigs("tiny");
  const maps = { ...dit, maps: ["prior"] };
  const flops = async (dit: IsaDitConfig, change: Partial<PlanSize> = {}) => {
    const { stages } = await rehearseJob({ vae, dit }, { ...size, ...change });
    return Object.fromEntries(stages.map(({ stage, flops }) => [stage, flops]));
  };
  const [plain, told] = [await flops(dit), await flops(maps)];
  // One more video, and its 8 channels; the prior's own latent is encoded again and decoded.
  ok(told.encode > plain.encode && told.sample > plain.sample);
  ok(told.decode > 2 * plain.decode);
  const around = { ...maps, skip: "prior", pictureSide: 48 } as const;
  const large = { width: 128, height: 96 };
  const [own, scaled] = [await flops(around), await flops(around, large)];
  equal(scaled.sample, own.sample);
  equal(scaled.encode, own.encode);
  ok((await flops(maps, large)).sample > 2 * own.sample);
});
