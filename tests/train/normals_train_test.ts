import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import {
  type Dataset,
  openDataset,
  readBody,
  renderClip,
  writeDataset,
} from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { Random } from "../../lib/geometry/mod.ts";
import { readSafetensors } from "../../lib/io/mod.ts";
import { parseIsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { encodeConditions, findWeights, generateClip, Models } from "../../lib/pipelines/mod.ts";
import { liveTensors, scope, toNumbers } from "../../lib/tensor/mod.ts";
import { DitData, ditTrainPresets, prepareLatents, trainDit } from "../../lib/train/mod.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const latentChannels = videoVaePresets.tiny.latentChannels;
const plain = parseIsaDitConfig({ ...ditTrainPresets.tiny.model, latentChannels });
const model = parseIsaDitConfig({ ...plain, control: "normals" });
const config = { ...ditTrainPresets.tiny, model };
const size = { width: 32, height: 32, frames: 9 };

/** Two small clips, rendered once for all tests. */
let rendered: Promise<string> | undefined;

Deno.test.afterAll(async () => {
  if (rendered) await Deno.remove(await rendered, { recursive: true });
});

async function render(): Promise<string> {
  const out = await Deno.makeTempDir();
  await writeDataset({ ...size, out, clips: 2, seed: 7, shardSize: 2, workers: 1 });
  return out;
}

/** Hands over the clips, what makes their latents in `folder`, and with which VideoVAE. */
async function withClips(
  folder: string,
  body: (
    prepare: (which: typeof model) => Promise<string>,
    clips: { readonly dataset: Dataset; readonly vae: VideoVae },
  ) => Promise<void>,
): Promise<void> {
  using dataset = await openDataset(await (rendered ??= render()));
  // As writeTinyWeights makes it.
  using vars = Vars.root({ seed: 1 });
  const vae = new VideoVae(vars, videoVaePresets.tiny);
  const latents = join(folder, "latents");
  await body(async (which) => {
    await prepareLatents(dataset, latents, { body: await readBody(), vae, model: which });
    return latents;
  }, { dataset, vae });
}

const largest = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Math.max(...Array.from(x, (value, i) => Math.abs(value - y[i])));

Deno.test("normals: their latents come beside those of plain models, which stay as they are", () =>
  withFolder((folder) =>
    withClips(folder, async (prepare) => {
      const latents = await prepare(plain);
      deepEqual(namesIn(latents), ["shard-00000.safetensors"]);
      const shard = join(latents, "shard-00000.safetensors");
      const [bytes, { mtime }] = [await Deno.readFile(shard), await Deno.stat(shard)];
      await rejects(
        DitData.open(latents, model),
        (error) => error instanceof InputError && /normals-00000/.test(error.message),
      );
      await prepare(model);
      deepEqual(namesIn(latents), ["normals-00000.safetensors", "shard-00000.safetensors"]);
      deepEqual(await Deno.readFile(shard), bytes);
      deepEqual((await Deno.stat(shard)).mtime, mtime);
      const normals = join(latents, "normals-00000.safetensors");
      const made = (await Deno.stat(normals)).mtime;
      await prepare(model);
      await prepare(plain);
      deepEqual((await Deno.stat(normals)).mtime, made);
    })
  ));

Deno.test("normals: windows of clips have their maps' latents, and plain models none", () =>
  withFolder((folder) =>
    withClips(folder, async (prepare) => {
      const latents = await prepare(model);
      const before = liveTensors();
      for (const which of [model, plain]) {
        const data = await DitData.open(latents, which);
        scope(() => {
          const whole = data.clip(1).conditions.normals;
          equal(whole === undefined, which === plain);
          if (!whole) return;
          deepEqual(whole.shape, data.clip(1).latent.shape);
          const window = { batch: 3, latentFrames: 2, firstWindowShare: 0 };
          const { latent, conditions } = data.batch(new Random(3), window);
          deepEqual(conditions.normals!.shape, latent.shape);
        });
        data.dispose();
      }
      equal(liveTensors(), before);
    })
  ));

Deno.test("normals: training and generation are told the same maps of a clip", () =>
  withFolder((folder) =>
    withClips(folder, async (prepare, { dataset }) => {
      await writeTinyWeights(folder, { control: "normals" });
      const data = await DitData.open(await prepare(model), model);
      const clip = await dataset.clip(1);
      using models = await Models.load(await findWeights(folder));
      const told = await encodeConditions(models, {
        ...{ body: await readBody(), width: 32, height: 32, cameras: clip.cameras },
        persons: clip.persons.map(({ poses, reference }) => ({
          poses,
          reference: { picture: reference },
        })),
      });
      scope(() => {
        const [cached, own] = [data.clip(1).conditions.normals!, told.normals!];
        deepEqual(own.shape, cached.shape);
        const numbers = toNumbers(own) as number[];
        const spread = Math.max(...numbers) - Math.min(...numbers);
        // Half precision, and chunks of frames against whole clips.
        const gap = largest(toNumbers(cached) as number[], numbers);
        ok(gap < 2e-3 * spread, `${gap} of ${spread}`);
      });
      for (const tensor of Object.values(told)) tensor?.dispose();
      data.dispose();
    })
  ));

Deno.test("normals: a tiny run from rendered clips to weights and sheets", () =>
  withFolder((folder) =>
    withClips(folder, async (prepare, { vae }) => {
      const latents = await prepare(model);
      const before = liveTensors();
      const out = join(folder, "run");
      const losses: number[] = [];
      const step = await trainDit(
        { ...config, samples: { ...config.samples, clips: 1, steps: 2 } },
        {
          ...{ latents, validation: latents, vae, out },
          onStep: ({ loss }) => losses.push(loss),
          onValidation: ({ loss }) => ok(Number.isFinite(loss)),
        },
      );
      equal(step, config.settings.steps);
      ok(losses.length === step && losses.every((loss) => loss > 0 && Number.isFinite(loss)));
      ok(namesIn(join(out, "samples")).length > 0);
      equal(liveTensors(), before);
      const { metadata, tensors } = await readSafetensors(join(out, "isa_dit.safetensors"));
      match(metadata.config, /"control":"normals"/);
      equal(tensors.get("pos_embed.proj.weight")!.shape[1], 4 * latentChannels + 1);
    })
  ));

Deno.test("normals: generated clips follow poses, and those of guidance's other branch do not", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder, { control: "normals" });
    const before = liveTensors();
    {
      using models = await Models.load(await findWeights(folder));
      const body = await readBody();
      const clip = renderClip(body, { seed: 3, width: 32, height: 32, frames: 5 });
      const made = async (cfgScale: number, still: boolean): Promise<Uint8Array> => {
        const persons = clip.persons.map((person) => ({
          ...person,
          poses: person.poses.map((pose) => still ? person.poses[0] : pose),
        }));
        const sampling = { steps: 2, cfgScale, flowShift: 1, seed: 0 };
        // A given background would come back where nobody stands, which is a matter of poses too.
        const told = { ...clip, persons, backgroundGiven: false };
        return (await generateClip(models, body, told, sampling)).data;
      };
      notDeepEqual(await made(1, true), await made(1, false));
      deepEqual(await made(0, true), await made(0, false));
    }
    equal(liveTensors(), before);
  }));
