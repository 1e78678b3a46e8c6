import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { loadIsaDit, makeConditions } from "../../lib/models/isa_dit/mod.ts";
import {
  DecoderStream,
  loadVideoVae,
  startVideoVae,
  VideoVae,
  videoVaePresets,
} from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { findWeights, Models } from "../../lib/pipelines/weights/mod.ts";
import { GuidedFlow } from "../../lib/pipelines/sampling/mod.ts";
import {
  abs,
  amax,
  cat,
  generator,
  item,
  liveBytes,
  liveTensors,
  mean,
  multipliesBfloat16,
  narrow,
  ones,
  pow,
  randn,
  scope,
  sqrt,
  sub,
  tanh,
  to,
  toNumbers,
} from "../../lib/tensor/mod.ts";
import { withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

for (
  const [name, file, load] of [
    ["loadIsaDit", "isa_dit.safetensors", loadIsaDit],
    ["loadVideoVae", "video_vae.safetensors", loadVideoVae],
  ] as const
) {
  Deno.test(`${name}: weights come as the dtype asked for, rounded from the file's, in half the memory`, () =>
    withFolder(async (folder) => {
      await writeTinyWeights(folder);
      const path = join(folder, file);
      const before = liveTensors();
      const { vars: full } = await load(path);
      const whole = liveBytes();
      const { vars: half } = await load(path, { dtype: "bfloat16" });
      const buffers = [...half.named().values()].filter(({ dtype }) => dtype !== "bfloat16");
      const kept = buffers.reduce((sum, { numel }) => sum + numel, 0);
      const all = [...half.named().values()].reduce((sum, { numel }) => sum + numel, 0);
      equal(liveBytes() - whole, 2 * (all - kept) + 4 * kept);
      ok(kept < 0.2 * all, `${kept} of ${all} values stay float32`);
      scope(() => {
        for (const [key, value] of half.named()) {
          const wanted = to(full.named().get(key)!, { dtype: value.dtype });
          deepEqual(toNumbers(value), toNumbers(wanted), key);
        }
      });
      full.dispose();
      half.dispose();
      equal(liveTensors(), before);
    }));
}

Deno.test("weights that are loaded as bfloat16 give what float32 ones give with products in it, to the bit", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder, { control: "both" });
    const before = liveTensors();
    const files = await findWeights(folder);
    const exact = await Models.load(files);
    const half = await Models.load(files, { dtype: "bfloat16" });
    const flowOf = ({ dit }: Models, dtype: "bfloat16" | "float32" = "bfloat16") =>
      scope(() => {
        using random = generator(5, "cpu");
        const sizes = { B: 1, T: 2, h: 4, w: 4, P: dit.config.pointsPerPerson, R: 0 };
        const conditions = makeConditions(dit.config, sizes, ({ shape, dtype, name }) =>
          dtype === "int64" || /Given|Visible/.test(name)
            ? ones(shape, { dtype })
            : randn(shape, { generator: random }));
        const x = randn([1, dit.config.latentChannels, 2, 4, 4], { generator: random });
        using flow = new GuidedFlow(dit, conditions, { cfgScale: 2, dtype });
        return toNumbers(flow.at(x, 0.5)) as number[];
      });
    const wanted = flowOf(exact, "float32");
    if (multipliesBfloat16()) {
      deepEqual(flowOf(half), flowOf(exact));
      notDeepEqual(flowOf(exact), wanted);
    } else {
      // Products are float32's here, of rounded weights or of whole ones.
      deepEqual(flowOf(exact), wanted);
      const [largest, difference] = [
        Math.max(...wanted.map(Math.abs)),
        distance(flowOf(half), wanted),
      ];
      ok(difference > 0 && difference < 0.05 * largest, `${difference} of ${largest}`);
    }
    for (const models of [exact, half]) models.dispose();
    equal(liveTensors(), before);
  }));

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));

Deno.test("a VideoVAE that is loaded as bfloat16 works in it: near float32's frames, and streamed alike", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const path = join(folder, "video_vae.safetensors");
    const [full, half] = [
      await loadVideoVae(path),
      await loadVideoVae(path, { dtype: "bfloat16" }),
    ];
    scope(() => {
      using random = generator(1, "cpu");
      const video = tanh(randn([1, 3, 9, 32, 32], { generator: random }));
      const [z, near] = [full.encode(video), half.encode(video)];
      equal(near.dtype, "float32");
      const [exact, frames] = [full.decode(z), half.decode(z)];
      equal(frames.dtype, "float32");
      for (const [a, b] of [[z, near], [exact, frames]]) {
        const error = item(sqrt(mean(pow(sub(a, b), 2)))) / item(sqrt(mean(pow(a, 2))));
        ok(error > 0 && error < 0.1, `${error}`);
      }
      using stream = new DecoderStream(half);
      const parts = [0, 1, 2].map((k) => stream.push(narrow(z, 2, k, 1)));
      const whole = cat(parts, 2);
      ok(item(amax(abs(sub(whole, frames)), {})) < 0.05);
    });
    for (const { vars } of [full, half]) vars.dispose();
  }));

Deno.test("startVideoVae: takes what the file has; the rest begins as in a fresh model", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder);
    const path = join(folder, "video_vae.safetensors");
    const before = liveTensors();
    const config = { ...videoVaePresets.tiny, priorDecoder: videoVaePresets["prior"].priorDecoder };
    const stored = await loadVideoVae(path);
    const started = await startVideoVae(path, config, { seed: 7 });
    const fresh = new VideoVae(Vars.root({ seed: 7 }), config);
    equal(started.vars.named().size > stored.vars.named().size, true);
    for (const [name, value] of started.vars.named()) {
      const from = stored.vars.named().get(name) ?? fresh.vars.named().get(name)!;
      deepEqual(toNumbers(value), toNumbers(from), name);
    }
    for (const { vars } of [stored, started, fresh]) vars.dispose();
    equal(liveTensors(), before);
  }));
