import { deepEqual, equal, notDeepEqual, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { type Dataset, openDataset, readBody, writeDataset } from "../../../lib/data/mod.ts";
import { ConfigError } from "../../../lib/errors.ts";
import { Random } from "../../../lib/geometry/mod.ts";
import { readSafetensors } from "../../../lib/io/mod.ts";
import {
  conditionRows,
  declareMap,
  encodeMap,
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  type MapClip,
  parseIsaDitConfig,
  startFrom,
} from "../../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../../lib/models/video_vae/mod.ts";
import { Vars } from "../../../lib/nn/mod.ts";
import {
  encodeConditions,
  findWeights,
  Models,
  sampleLatents,
} from "../../../lib/pipelines/mod.ts";
import { rehearseJob } from "../../../lib/plan/mod.ts";
import { conditionMaker } from "../../../lib/pipelines/sampling/condition_maker.ts";
import { encodePictures } from "../../../lib/pipelines/sampling/encode_pictures.ts";
import { disposeAll } from "../../../lib/tensor/dispose.ts";
import { WindowedConditions } from "../../../lib/pipelines/sampling/windowed_conditions.ts";
import { liveTensors, narrow, scope, type Tensor, toNumbers } from "../../../lib/tensor/mod.ts";
import { DitData, ditTrainPresets, prepareLatents, trainDit } from "../../../lib/train/mod.ts";
import { root } from "../../support/commands.ts";
import "../../support/depth_map.ts";
import { namesIn, withFolder } from "../../support/folders.ts";
import { writeTinyWeights } from "../../support/tiny_weights.ts";

// Of a map that has all there is: the person's silhouette, white, over the background.
declareMap("silhouette", {
  ...{ picture: true, planes: 1, overBackground: true, dropout: ["subject"] },
  *draw({ cameras, background }) {
    for (const [frame, { width, height }] of cameras.entries()) {
      const inside = (pixel: number) => pixel % width < width / 2 ? 1 : 0;
      const picture = background?.(frame).slice() ?? new Uint8Array(width * height * 3);
      for (let i = 0; i < picture.length; i++) if (inside(Math.floor(i / 3))) picture[i] = 255;
      yield {
        picture,
        planes: [Float32Array.from({ length: width * height }, (_, i) => inside(i))],
      };
    }
  },
});

const latentChannels = videoVaePresets.tiny.latentChannels;
const plain = parseIsaDitConfig({ ...ditTrainPresets.tiny.model, latentChannels });
const withDepth = parseIsaDitConfig({ ...plain, maps: ["depth"] });
const numbers = (x: Tensor) => (toNumbers(x) as number[]).flat();
const largest = (x: readonly number[], y: readonly number[]) =>
  Math.max(...x.map((value, i) => Math.abs(value - y[i])));

/** Two small clips, rendered once for all tests. */
let rendered: Promise<string> | undefined;

Deno.test.afterAll(async () => {
  if (rendered) await Deno.remove(await rendered, { recursive: true });
});

async function render(): Promise<string> {
  const out = await Deno.makeTempDir();
  const size = { width: 32, height: 32, frames: 9 };
  await writeDataset({ ...size, out, clips: 2, seed: 7, shardSize: 2, workers: 1 });
  return out;
}

/** Hands over a folder with weights that read `maps`, the rendered clips, and their latents. */
async function withMaps(
  maps: IsaDitConfig["maps"],
  body: (at: { folder: string; latents: string; dataset: Dataset }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await writeTinyWeights(folder, { maps: [...maps] });
    using dataset = await openDataset(await (rendered ??= render()));
    // As writeTinyWeights makes it.
    using vars = Vars.root({ seed: 1 });
    const vae = new VideoVae(vars, videoVaePresets.tiny);
    const latents = join(folder, "latents");
    const model = parseIsaDitConfig({ ...plain, maps });
    await prepareLatents(dataset, latents, { body: await readBody(), vae, model });
    await body({ folder, latents, dataset });
  });
}

async function clipOf(dataset: Dataset, index: number) {
  const { cameras, persons, background } = await dataset.clip(index);
  return {
    ...{ body: await readBody(), width: 32, height: 32, cameras },
    persons: persons.map(({ poses, reference, referencePose, referenceCamera }) => ({
      poses,
      reference: { picture: reference, known: { body: referencePose, camera: referenceCamera } },
    })),
    background: pictures(background),
  };
}

function pictures({ data, count }: { readonly data: Uint8Array; readonly count: number }) {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

Deno.test("docs/extending.md: the depth map that it shows is the one that these tests run", async () => {
  const page = await Deno.readTextFile(join(root, "docs/extending.md"));
  const file = await Deno.readTextFile(join(root, "tests/support/depth_map.ts"));
  ok(page.includes(file.slice(file.indexOf("/**"))));
});

Deno.test("a map from outside the library: a model trains on it, and generates with it", () =>
  withMaps(["depth"], async ({ folder, latents, dataset }) => {
    deepEqual(namesIn(latents), ["depth-00000.safetensors", "shard-00000.safetensors"]);
    const before = liveTensors();
    const settings = { ...ditTrainPresets.tiny.settings, steps: 1 };
    const config = { ...ditTrainPresets.tiny, settings, model: withDepth };
    const losses: number[] = [];
    const out = join(folder, "run");
    await trainDit(config, { latents, out, onStep: ({ loss }) => losses.push(loss) });
    ok(losses.length === 1 && losses[0] > 0);
    const { tensors } = await readSafetensors(join(out, "isa_dit.safetensors"));
    equal(tensors.get("pos_embed.proj.weight")!.shape[1], 3 * latentChannels + 2);
    {
      using models = await Models.load(await findWeights(folder));
      const conditions = await encodeConditions(models, await clipOf(dataset, 1));
      const options = { steps: 2, cfgScale: 2, flowShift: 1, seed: 0 };
      using one = await sampleLatents(models.dit, conditions, options);
      const nothing = { ...conditions, depth: scope(() => narrow(conditions.plucker, 1, 0, 1)) };
      using two = await sampleLatents(models.dit, nothing, options);
      notDeepEqual(numbers(two), numbers(one));
      disposeAll({ ...conditions, other: nothing.depth });
    }
    equal(liveTensors(), before);
  }));

Deno.test("a map from outside the library: training and generation draw the same, in windows too", () =>
  withMaps(["depth"], async ({ folder, latents, dataset }) => {
    using models = await Models.load(await findWeights(folder));
    const before = liveTensors();
    const clip = await clipOf(dataset, 1);
    const told = await encodeConditions(models, clip);
    const data = await DitData.open(latents, withDepth);
    const size = { length: 2, overlap: 1 };
    const windowed = await encodeConditions(models, clip, { size }) as WindowedConditions;
    scope(() => {
      const own = numbers(told.depth!);
      ok(Math.max(...own) > 0.1 && Math.min(...own) >= 0);
      ok(largest(own, numbers(data.clip(1).conditions.depth!)) < 1e-3);
      for (const [index, { start, length }] of windowed.windows.entries()) {
        const part = narrow(told.depth!, 2, start, length);
        deepEqual(numbers(windowed.at(index).depth!), numbers(part));
      }
      const { conditions } = data.batch(new Random(1), {
        ...{ batch: 2, latentFrames: 2, firstWindowShare: 0 },
      });
      deepEqual(conditions.depth!.shape, [2, 1, 2, 4, 4]);
    });
    data.dispose();
    disposeAll(told);
    windowed.dispose();
    equal(liveTensors(), before);
  }));

Deno.test("a map with a picture over the background: it passes the VideoVAE, its plane stands behind", () =>
  withMaps(["silhouette"], async ({ folder, latents, dataset }) => {
    using models = await Models.load(await findWeights(folder));
    const told = await encodeConditions(models, await clipOf(dataset, 0));
    const { background: _, ...bare } = await clipOf(dataset, 0);
    const without = await encodeConditions(models, bare);
    const data = await DitData.open(latents, models.dit.config);
    scope(() => {
      const map = told.silhouette!;
      const picture = (of: IsaDitConditions) =>
        numbers(narrow(of.silhouette!, 1, 0, latentChannels));
      deepEqual(map.shape, [1, latentChannels + 1, 3, 4, 4]);
      const plane = numbers(narrow(map, 1, latentChannels, 1));
      deepEqual(plane, plane.map((_, i) => i % 4 < 2 ? 1 : 0));
      const spread = Math.max(...picture(told)) - Math.min(...picture(told));
      ok(largest(picture(told), picture(data.clip(0).conditions)) < 2e-3 * spread);
      ok(largest(picture(told), picture(without)) > 0.05 * spread);
    });
    data.dispose();
    disposeAll([told, without]);
  }));

Deno.test("plan: a map with a picture is one more video to encode, one of planes is none", async () => {
  const size = {
    ...{ width: 32, height: 32, frames: 9, steps: 2, cfgScale: 2, flowShift: 1, persons: 1 },
    ...{ sampler: "euler", dtype: "float32", device: "cpu" } as const,
    cfgInterval: [0, 1] as [number, number],
    ...{ vaeTiling: "off", background: true } as const,
  };
  const encoding = async (maps: string[]) => {
    const dit = parseIsaDitConfig({ ...plain, maps });
    const { stages } = await rehearseJob({ vae: videoVaePresets.tiny, dit }, size);
    return stages[0].flops;
  };
  const none = await encoding([]);
  equal(await encoding(["depth"]), none);
  const more = await encoding(["depth", "silhouette"]);
  ok(more > 1.5 * none && more < 2 * none, `${more} and ${none}`);
});

Deno.test("startFrom: weights that know fewer maps change nothing until the new ones' channels learn", () => {
  using known = Vars.root({ seed: 1 });
  new IsaDit(known, withDepth);
  const both = parseIsaDitConfig({ ...withDepth, maps: ["depth", "silhouette"] });
  using vars = Vars.root({ seed: 2 });
  new IsaDit(vars, both);
  deepEqual(startFrom(vars, both, known.save()), []);
  scope(() => {
    const [wide, weight] = [vars, known].map((of) => of.named().get("pos_embed.proj.weight")!);
    const channels = weight.shape[1];
    deepEqual(numbers(narrow(wide, 1, 0, channels)), numbers(weight));
    ok(numbers(narrow(wide, 1, channels, latentChannels + 1)).every((x) => x === 0));
  });
});

Deno.test("encodeMap: a plane's channel is its mean over the pixels and frames of each latent position", async () => {
  const camera = { width: 16, height: 8 } as MapClip["cameras"][number];
  const clip = { cameras: Array.from({ length: 6 }, () => camera) } as unknown as MapClip;
  const at = (frame: number, x: number, y: number) => Math.sin(frame * 7 + x * 3 + y);
  using made = await encodeMap(
    {
      ...{ picture: false, planes: 2, dropout: [] },
      *draw() {
        for (let frame = 0; frame < 6; frame++) {
          const plane = Float32Array.from(
            { length: 128 },
            (_, i) => at(frame, i % 16, Math.floor(i / 16)),
          );
          yield { planes: [plane, plane.map((value) => -value)] };
        }
      },
    },
    clip,
    {
      h: 1,
      w: 2,
      temporalFactor: 4,
      latentChannels,
      encode: () => Promise.reject(new Error("no picture")),
    },
  );
  deepEqual(made.shape, [1, 2, 3, 1, 2]);
  // The last latent has one frame of its own, which stands for the three that are not there.
  const frames = [[0], [1, 2, 3, 4], [5]];
  const expected = frames.flatMap((some) =>
    [0, 1].map((column) => {
      const values = some.flatMap((frame) =>
        Array.from({ length: 64 }, (_, i) => at(frame, column * 8 + i % 8, Math.floor(i / 8)))
      );
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    })
  );
  ok(largest(numbers(made), [...expected, ...expected.map((x) => -x)]) < 1e-6);
});

Deno.test("conditions: what has a size over time is made for each window, all else for the clip", () =>
  withFolder(async (folder) => {
    await writeTinyWeights(folder, { identity: "scd", maps: ["depth"] });
    using models = await Models.load(await findWeights(folder));
    using dataset = await openDataset(await (rendered ??= render()));
    const clip = await clipOf(dataset, 0);
    const [person] = clip.persons;
    // One of the two jumps before and behind the camera.
    const behind = person.poses.map((pose, i) => ({
      ...pose,
      translation: [0, 0, i % 2 === 0 ? 99 : -99] as const,
    }));
    const persons = [person, { ...person, poses: behind }];
    const pictures = await encodePictures(models, { ...clip, persons });
    const { cameras } = clip;
    const maker = conditionMaker(models, { ...clip, persons }, [{ cameras, pictures }]);
    const [own, frames] = [maker.clip(), maker.frames({ start: 1, length: 2 })];
    const timed = conditionRows.filter(({ shape }) => shape.some((s) => s === "T" || s === "K"));
    const names = (rows: typeof conditionRows) => rows.map(({ name }) => name as string).sort();
    deepEqual(Object.keys(frames).sort(), [...names(timed), "depth"].sort());
    deepEqual(Object.keys(own).sort(), names(conditionRows.filter((row) => !timed.includes(row))));
    disposeAll([own, frames, pictures]);
  }));

Deno.test("maps: unknown and taken names, missing tensors and other shapes are named", async () => {
  throws(
    () => parseIsaDitConfig({ ...plain, maps: ["dept"] }),
    (error) =>
      error instanceof ConfigError && /no map "dept" .* normals, prior, depth/.test(error.message),
  );
  const map = { picture: false, planes: 1, dropout: [], draw: () => [] };
  for (const name of ["depth", "plucker", "a/b"]) {
    throws(() => declareMap(name, map), /a map cannot be called/);
  }
  await withMaps(["depth"], async ({ latents }) => {
    await Deno.remove(join(latents, "depth-00000.safetensors"));
    await rejects(DitData.open(latents, withDepth), /depth-00000/);
    using vars = Vars.root();
    const model = new IsaDit(vars, withDepth);
    const data = await DitData.open(latents, plain);
    scope(() => {
      const { conditions } = data.clip(0);
      throws(() => model.encode(conditions), /reads "depth", which the conditions lack/);
      const depth = narrow(conditions.background, 2, 0, 1);
      throws(
        () => model.encode({ ...conditions, depth }),
        /condition "depth" is \[1,\d+,1,4,4\], expected \[1,1,3,4,4\]/,
      );
    });
    data.dispose();
  });
});
