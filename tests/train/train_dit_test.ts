import assert from "node:assert/strict";
import { join } from "node:path";
import { openDataset, readBody, writeDataset } from "../../lib/data/mod.ts";
import { Random } from "../../lib/geometry/mod.ts";
import { packWeights, readSafetensors, unpackWeights, writeSafetensors } from "../../lib/io/mod.ts";
import { IsaDit, loadIsaDit, parseIsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { mergeLora, Vars } from "../../lib/nn/mod.ts";
import { add_, fill_, liveTensors, noGrad, scope, toNumbers } from "../../lib/tensor/mod.ts";
import {
  DitData,
  type DitTrainConfig,
  ditTrainPresets,
  prepareLatents,
  trainDit,
  type TrainDitOptions,
} from "../../lib/train/mod.ts";

const config: DitTrainConfig = {
  ...ditTrainPresets.tiny,
  model: parseIsaDitConfig({ ...ditTrainPresets.tiny.model, latentChannels: 4 }),
};

/** Two small clips, rendered and encoded once for all tests. */
let made: { readonly latents: string; readonly folder: string } | undefined;

/** Hands `body` a folder of latents and the folder that it lies in. */
async function withLatents(body: (latents: string, folder: string) => Promise<void>) {
  made ??= await makeLatents();
  await body(made.latents, made.folder);
}

Deno.test.afterAll(async () => {
  if (made) await Deno.remove(made.folder, { recursive: true });
});

async function makeLatents(): Promise<{ latents: string; folder: string }> {
  const folder = await Deno.makeTempDir();
  using vars = Vars.root();
  const data = join(folder, "data");
  await writeDataset({
    out: data,
    clips: 2,
    seed: 7,
    shardSize: 2,
    workers: 1,
    width: 32,
    height: 32,
    frames: 9,
  });
  using dataset = await openDataset(data);
  const vae = new VideoVae(vars, videoVaePresets.tiny);
  const latents = join(folder, "latents");
  const told: number[] = [];
  const work = { body: await readBody(), vae, model: config.model };
  const watch = { onShard: ({ clips }: { readonly clips: number }) => void told.push(clips) };
  assert.equal(await prepareLatents(dataset, latents, work, watch), 2);
  assert.equal(await prepareLatents(dataset, latents, work, watch), 2);
  assert.deepEqual(told, [2], "of latents that are there already nothing is told");
  return { latents, folder };
}

Deno.test("train dit: from rendered clips to weights, resumed as if never stopped", () =>
  withLatents(async (latents, folder) => {
    const before = liveTensors();
    const losses: Record<string, number[]> = { whole: [], parts: [] };
    const run = async (out: string, stopAt = Infinity): Promise<void> => {
      const stop = new AbortController();
      await trainDit(config, {
        latents,
        validation: latents,
        out: join(folder, out),
        resume: "auto",
        signal: stop.signal,
        onStep: ({ step, loss }) => {
          losses[out].push(loss);
          if (step >= stopAt) stop.abort();
        },
        onValidation: ({ loss }) => assert.ok(loss > 0 && Number.isFinite(loss)),
      });
    };
    await run("whole");
    await run("parts", 2);
    await run("parts");
    assert.equal(losses.whole.length, 4);
    assert.deepEqual(losses.parts, losses.whole);
    const { metadata } = await readSafetensors(join(folder, "whole", "isa_dit.safetensors"));
    assert.deepEqual(JSON.parse(metadata.config), config.model);
    assert.equal(liveTensors(), before);
  }));

Deno.test("train dit: begins with given weights, packed ones too", () =>
  withLatents(async (latents, folder) => {
    const vars = Vars.root({ seed: 9 });
    new IsaDit(vars, config.model);
    for (const [name, parameter] of vars.parameters()) {
      // A fresh model's output is zero whatever its weights are.
      if (name.startsWith("proj_out")) noGrad(() => fill_(parameter, 0.01));
    }
    const state = packWeights(vars.save());
    vars.dispose();
    const path = join(folder, "init.safetensors");
    await writeSafetensors(path, state);
    const before = liveTensors();
    const firstLoss = async (init?: TrainDitOptions["init"]): Promise<number> => {
      const losses: number[] = [];
      const settings = { ...config.settings, steps: 1 };
      await trainDit({ ...config, settings }, {
        ...{ latents, init, out: join(folder, crypto.randomUUID()) },
        onStep: ({ loss }) => losses.push(loss),
      });
      return losses[0];
    };
    const fromFile = await firstLoss((await openState(path)).tensors);
    assert.equal(fromFile, await firstLoss(unpackWeights(state)));
    assert.notEqual(fromFile, await firstLoss());
    assert.equal(liveTensors(), before);
  }));

Deno.test("train dit: LoRA leaves the weights alone and writes parts that merge into them", () =>
  withLatents(async (latents, folder) => {
    const before = liveTensors();
    const vars = Vars.root({ seed: 9 });
    new IsaDit(vars, config.model);
    for (const parameter of vars.parameters().values()) {
      // A fresh model's gates are closed, so that nothing of its attention would be learnt.
      noGrad(() => scope(() => add_(parameter, 0.02)));
    }
    const init = vars.save();
    const out = join(folder, "lora");
    const lora = { rank: 2, alpha: 4 };
    await trainDit({ ...config, lora }, { latents, init, out });
    const path = join(out, "lora.safetensors");
    const { metadata, tensors } = await openState(path);
    assert.deepEqual([metadata.kind, metadata.rank, metadata.alpha], ["isa_dit_lora", "2", "4"]);
    assert.equal(metadata["modelspec.architecture"], "isa4d-isa-dit/lora");
    assert.match(metadata["modelspec.resolution"], /^\d+x\d+$/);
    assert.ok(Deno.statSync(path).size < 200_000);
    const names = [...tensors.keys()];
    assert.ok(names.includes("transformer_blocks.0.attn.to_q.lora_B.weight"), names.join());
    const merged = mergeLora(vars, { tensors, ...lora });
    assert.equal(merged, names.length / 2);
    const changed = [...vars.save()].filter(([name, { bytes }]) =>
      bytes.some((byte, i) => byte !== init.get(name)!.bytes[i])
    );
    assert.equal(changed.length, merged);
    vars.dispose();
    await assert.rejects(trainDit({ ...config, lora }, { latents, out }), /--init/);
    assert.equal(liveTensors(), before);
  }));

/** Weights of a fresh model that is not silent. */
function wokenWeights(): ReturnType<Vars["save"]> {
  using vars = Vars.root({ seed: 9 });
  new IsaDit(vars, config.model);
  for (const parameter of vars.parameters().values()) {
    noGrad(() => scope(() => add_(parameter, 0.02)));
  }
  return vars.save();
}

Deno.test("train dit: an image encoder of CLIP's weights stands still, our own learns, recomputed or not", () =>
  withLatents(async (latents, folder) => {
    const before = liveTensors();
    const init = wokenWeights();
    const once = { ...config, settings: { ...config.settings, steps: 1, warmup: 0 } };
    for (const imageEncoderWeights of ["clip", "own"] as const) {
      for (const activationCheckpointing of [false, true]) {
        const out = join(folder, `tower-${imageEncoderWeights}-${activationCheckpointing}`);
        const model = { ...config.model, imageEncoderWeights };
        await trainDit({ ...once, model, activationCheckpointing }, { latents, init, out });
        const { tensors, metadata } = await readSafetensors(join(out, "isa_dit.safetensors"));
        const moved = (name: string): boolean => {
          const { bytes } = tensors.get(name)!;
          return bytes.some((byte, i) => byte !== init.get(name)!.bytes[i]);
        };
        // The tower's last tokens pass no final norm: that one has no gradient either way. Nor has the
        // bias of keys, which shifts all of a query's scores alike, but for rounding.
        const tower = [...init.keys()].filter((name) =>
          /^image_encoder\.(?!post_layernorm)/.test(name) && !name.endsWith("to_k.bias")
        );
        assert.equal(tower.some(moved), imageEncoderWeights === "own", out);
        assert.equal(tower.every(moved), imageEncoderWeights === "own", out);
        assert.ok(moved("image_blocks.0.attn.to_k.weight"));
        assert.equal(JSON.parse(metadata.config).imageEncoderWeights, imageEncoderWeights);
      }
    }
    const clip = { ...config, model: { ...config.model, imageEncoderWeights: "clip" as const } };
    await assert.rejects(trainDit(clip, { latents, out: join(folder, "none") }), /--init/);
    assert.equal(liveTensors(), before);
  }));

Deno.test("train dit: SCD and swap attention learn beside a plain model's weights, and nothing leaks", () =>
  withLatents(async (latents, folder) => {
    const before = liveTensors();
    const init = wokenWeights();
    const systems = { scd: { identity: "scd" }, swap: { temporal: "swap" } } as const;
    for (const [name, system] of Object.entries(systems)) {
      const out = join(folder, name);
      const model = parseIsaDitConfig({ ...config.model, ...system });
      await trainDit({ ...config, model }, { latents, init, out });
      const { dit, vars: trained } = await loadIsaDit(join(out, "isa_dit.safetensors"));
      assert.deepEqual(dit.config, model);
      const moved = [...trained.named()].filter(([path, tensor]) =>
        !init.has(path) && /gate|table/.test(path) && toNumbers(tensor).some((x) => x !== 0)
      );
      assert.equal(moved.length, name === "scd" ? 2 * model.layers : model.layers);
      trained.dispose();
    }
    assert.equal(liveTensors(), before);
  }));

Deno.test("DitData: windows are cut alike from latents and from poses", () =>
  withLatents(async (latents) => {
    const data = await DitData.open(latents, config.model);
    scope(() => {
      const options = { batch: 3, latentFrames: 2, firstWindowShare: 0 };
      const { latent, coverage, conditions } = data.batch(new Random(1), options);
      const { points, plucker, background } = conditions;
      assert.deepEqual(latent.shape, [3, 4, 2, 4, 4]);
      assert.deepEqual(coverage.shape, [3, 1, 2, 4, 4]);
      assert.deepEqual(points.shape, [3, 8, config.model.pointsPerPerson, 3]);
      assert.deepEqual([plucker.shape[2], background.shape[2]], [2, 2]);
      // A window that starts later has four different poses in its first latent; frame 0 repeats.
      const distinct = (batch: typeof conditions): number => {
        const values = toNumbers(batch.points);
        const size = config.model.pointsPerPerson * 3;
        return new Set([0, 1, 2, 3].map((k) => values[k * size])).size;
      };
      assert.equal(distinct(conditions), 4);
      const first = data.batch(new Random(1), { ...options, firstWindowShare: 1 });
      assert.equal(distinct(first.conditions), 1);
    });
    data.dispose();
  }));

Deno.test("DitData: the person's coverage lies between nothing and all", () =>
  withLatents(async (latents) => {
    const data = await DitData.open(latents, config.model);
    scope(() => {
      const coverage = toNumbers(data.clip(0).coverage) as number[];
      assert.ok(Math.min(...coverage) === 0 && Math.max(...coverage) > 0.2);
      assert.ok(Math.max(...coverage) <= 1);
    });
    data.dispose();
  }));
