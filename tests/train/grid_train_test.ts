import assert from "node:assert/strict";
import { join } from "node:path";
import { openDataset, readBody, writeDataset } from "../../lib/data/mod.ts";
import { Random } from "../../lib/geometry/mod.ts";
import { readSafetensors } from "../../lib/io/mod.ts";
import { IsaDit, parseIsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import {
  add_,
  fill_,
  item,
  liveTensors,
  narrow,
  noGrad,
  scope,
  tensor,
  toNumbers,
} from "../../lib/tensor/mod.ts";
import {
  DitData,
  type DitTrainConfig,
  ditTrainPresets,
  prepareLatents,
  trainDit,
} from "../../lib/train/mod.ts";
import { drawScenes, scenesOf } from "../../lib/train/grid_data.ts";
import { gridLoss } from "../../lib/train/grid_loss.ts";

const model = parseIsaDitConfig({
  ...ditTrainPresets.tiny.model,
  latentChannels: 4,
  views: "hard",
});
const config: DitTrainConfig = { ...ditTrainPresets.tiny, model };
const VIEWS = 2;
const SCENES = 2;

/** Two scenes of two cameras, rendered and encoded once for all tests. */
let made: { readonly latents: string; readonly folder: string } | undefined;

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
    ...{ out: data, clips: SCENES * VIEWS, views: VIEWS, seed: 7, shardSize: 4, workers: 1 },
    ...{ width: 32, height: 32, frames: 9 },
  });
  using dataset = await openDataset(data);
  const vae = new VideoVae(vars, videoVaePresets.tiny);
  const latents = join(folder, "latents");
  await prepareLatents(dataset, latents, { body: await readBody(), vae, model });
  return { latents, folder };
}

const firstOf = (seed: number) => ({
  seed,
  choices: new Random(seed),
  part: { first: 0, count: 1, of: 1 },
});

Deno.test("drawScenes: views of one scene each, in random order, of one number of persons", () => {
  const view = scope(() => tensor([0, 1, 2, 0, 1, 2, 0, 1, 2], { dtype: "uint8" }));
  using _view = view;
  const found = scenesOf({ view });
  assert.deepEqual(found, [[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
  const persons = [1, 1, 1, 2, 2, 2, 1, 1, 1];
  const random = new Random(1);
  const orders = new Set<string>();
  for (let i = 0; i < 40; i++) {
    const options = { batch: 3, views: [2, 3] as const, persons };
    const { views, scenes } = drawScenes(found, options, random);
    assert.ok(views === 2 || views === 3);
    for (const clips of scenes) {
      assert.equal(new Set(clips).size, views);
      assert.equal(new Set(clips.map((clip) => Math.floor(clip / 3))).size, 1);
      assert.equal(persons[clips[0]], persons[scenes[0][0]]);
      orders.add(clips.join());
    }
  }
  assert.ok(orders.size > 9);
  assert.throws(() => scenesOf({}), /do not say which clips show one scene/);
});

Deno.test("train dit: what is given of a scene is no part of the loss", () =>
  withLatents(async (latents) => {
    using open = await opened(latents);
    using vars = Vars.root();
    // A fresh model's flow is zero: the loss is that of the truth alone.
    const fresh = new IsaDit(vars, model);
    const lossWith = (
      given: { readonly view?: number; readonly time?: boolean },
      share: Partial<DitTrainConfig["grid"]>,
    ): number =>
      scope(() =>
        noGrad(() => {
          const scene = open.data.scene(0, VIEWS);
          // Views of the batch's own tensor.
          const far = narrow(scene.latent, 0, given.view ?? 0, given.time ? VIEWS : 1);
          const part = given.time ? narrow(far, 2, 0, 1) : far;
          if (given.view !== undefined || given.time) add_(part, 5);
          const grid = { ...config.grid, givenView: 0, givenTime: 0, ...share };
          return item(gridLoss(fresh, scene, { ...config, grid }, firstOf(3)));
        })
      );
    const viewGiven = [undefined, 0, 1].map((view) => lossWith({ view }, { givenView: 1 }));
    // One of the two views is given, and only the other one counts.
    const unmoved = [1, 2].filter((i) => viewGiven[i] === viewGiven[0]);
    assert.equal(unmoved.length, 1);
    assert.equal(lossWith({ time: true }, { givenTime: 1 }), lossWith({}, { givenTime: 1 }));
    assert.notEqual(lossWith({ time: true }, {}), lossWith({}, {}));
  }));

async function opened(latents: string) {
  const data = await DitData.open(latents, model);
  return { data, [Symbol.dispose]: () => data.dispose() };
}

Deno.test("train dit: scenes come with rays in the frame of their first view", () =>
  withLatents(async (latents) => {
    using open = await opened(latents);
    assert.equal(open.data.sceneCount, SCENES);
    scope(() => {
      const { views, latent, conditions } = open.data.scene(1, VIEWS);
      assert.deepEqual([views, latent.shape[0]], [VIEWS, VIEWS]);
      const own = [2, 3].map((clip) => open.data.clip(clip));
      assert.deepEqual(toNumbers(narrow(latent, 0, 1, 1)), toNumbers(own[1].latent));
      const [first, second] = own.map(({ conditions }) =>
        toNumbers(conditions.plucker) as number[]
      );
      const scene = toNumbers(conditions.plucker) as number[];
      const far = (a: readonly number[], b: readonly number[]) =>
        Math.max(...a.map((value, i) => Math.abs(value - b[i])));
      assert.ok(far(scene.slice(0, first.length), first) < 1e-3);
      assert.ok(far(scene.slice(first.length), second) > 0.1);
    });
  }));

for (const views of ["hard", "soft"] as const) {
  Deno.test(`train dit: ${views} views, from rendered scenes to weights, resumed as if never stopped`, () =>
    withLatents(async (latents, folder) => {
      const before = liveTensors();
      const own = { ...config, model: { ...model, views } };
      const losses: Record<string, number[]> = { whole: [], parts: [] };
      const run = async (out: string, stopAt = Infinity): Promise<void> => {
        const stop = new AbortController();
        await trainDit(own, {
          ...{ latents, validation: latents, out: join(folder, views, out), resume: "auto" },
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
      const file = join(folder, views, "whole", "isa_dit.safetensors");
      const { metadata, tensors } = await readSafetensors(file);
      assert.equal(JSON.parse(metadata.config).views, views);
      assert.ok(tensors.has("view_blocks.0.along_time"));
      assert.equal(liveTensors(), before);
    }));
}

Deno.test("train dit: views begin with what was learned about time", () =>
  withLatents(async (latents, folder) => {
    using plain = Vars.root({ seed: 9 });
    new IsaDit(plain, { ...model, views: "none" });
    const out = join(folder, "begun");
    const settings = { ...config.settings, steps: 1, warmup: 1_000_000 };
    await trainDit({ ...config, settings }, { latents, out, init: plain.save() });
    const { tensors } = await readSafetensors(join(out, "isa_dit.safetensors"));
    const bytes = (name: string) => tensors.get(name)!.bytes;
    for (
      const [view, time] of [["view_blocks", "temporal_blocks"], [
        "view_point_blocks",
        "point_temporal_blocks",
      ]]
    ) {
      const [a, b] = [view, time].map((family) =>
        new Float32Array(bytes(`${family}.0.attn.to_q.weight`).slice().buffer)
      );
      assert.ok(Math.max(...a.map((value, i) => Math.abs(value - b[i]))) < 1e-6);
    }
  }));

Deno.test("train dit: where only the added parts learn, the plain model stays as it was", () =>
  withLatents(async (latents, folder) => {
    using plain = Vars.root({ seed: 9 });
    const single = { ...model, views: "none" as const };
    new IsaDit(plain, single);
    noGrad(() => {
      // A fresh head is zero, and nothing behind it would learn.
      for (const [name, parameter] of plain.parameters()) {
        if (name.startsWith("proj_out")) fill_(parameter, 0.01);
      }
    });
    const init = plain.save();
    const out = join(folder, "added");
    await trainDit({ ...config, trained: "added" }, { latents, out, init });
    const { tensors } = await readSafetensors(join(out, "isa_dit.safetensors"));
    for (const [name, { bytes }] of init) assert.deepEqual(tensors.get(name)!.bytes, bytes, name);
    const gates = tensors.get("shared_view_modulation.weight")!.bytes;
    assert.ok(gates.some((byte) => byte !== 0));
    const begun = { ...config, trained: "added" as const };
    await assert.rejects(trainDit(begun, { latents, out: join(folder, "n") }), /name them/);
    await assert.rejects(
      trainDit({ ...begun, model: single }, { latents, out: join(folder, "n"), init }),
      /lack nothing of this model/,
    );
  }));
