import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { indexVideos, openDataset, writeDataset } from "../../lib/data/mod.ts";
import { ConfigError, InputError } from "../../lib/errors.ts";
import { type Frames, writePng, writeVideo } from "../../lib/io/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import {
  crewCrops,
  type CropBatch,
  type CropLoader,
  localCrops,
  memorySource,
  openSource,
  parseVaeTrainConfig,
  Ranks,
  type SourceSpec,
  trainVae,
  type VaeTrainConfig,
} from "../../lib/train/mod.ts";
import { AheadLoader } from "../../lib/train/loader/ahead.ts";
import { ByteCache } from "../../lib/train/loader/byte_cache.ts";
import { videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { difference, ramps } from "../support/pictures.ts";

const config: VaeTrainConfig = parseVaeTrainConfig({
  model: { ...videoVaePresets.tiny },
  settings: {
    steps: 6,
    learningRate: 1e-3,
    warmup: 1,
    checkpointEvery: 3,
    compute: "float32",
    accumulate: 2,
  },
  batch: 2,
  size: 24,
  frames: 5,
  images: { share: 0.4, batch: 3 },
});
const ranks = Ranks.alone;

/** Two clips of a data set, two videos and a photograph, once for all tests. */
let made: Promise<{ folder: string; sources: SourceSpec[] }> | undefined;

async function makeSources(): Promise<{ folder: string; sources: SourceSpec[] }> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-test-" });
  const data = join(folder, "data");
  await writeDataset({ out: data, clips: 2, seed: 7, width: 32, height: 32, frames: 9 });
  const films = join(folder, "films");
  await Deno.mkdir(films);
  await writeVideo(join(films, "a.mp4"), ramps({ width: 64, height: 48, count: 12 }));
  await writeVideo(join(films, "b.mp4"), ramps({ width: 48, height: 64, count: 7 }));
  await writePng(join(films, "c.png"), ramps({ width: 40, height: 40, count: 1 }));
  const path = join(folder, "films.json");
  await indexVideos({ folder: films, out: path });
  return {
    folder,
    sources: [
      { kind: "dataset", folder: data, share: 1, clips: 2 },
      { kind: "videos", path, share: 2, shortSide: 32 },
    ],
  };
}

Deno.test.afterAll(async () => {
  if (made) await Deno.remove((await made).folder, { recursive: true });
});

/** Batches of steps `from` to the last one. */
async function batchesOf(loader: CropLoader, from: number): Promise<CropBatch[]> {
  const batches: CropBatch[] = [];
  try {
    for (let step = from; step < config.settings.steps; step++) {
      await loader.ready(step);
      for (let micro = 0; micro < config.settings.accumulate; micro++) {
        batches.push(loader.batch(micro));
      }
    }
  } finally {
    loader.close();
  }
  return batches;
}

Deno.test("crops: workers cut the bytes that this thread cuts, from any step on", async () => {
  const { sources } = await (made ??= makeSources());
  const open = await Promise.all(sources.map((spec) => openSource(spec, 1e6)));
  const local = await batchesOf(localCrops(config, { sources: open, ranks }), 0);
  equal(local.length, 12);
  deepEqual(new Set(local.map(({ shape }) => shape.join())), new Set(["2,5,24,24", "3,1,24,24"]));
  ok(new Set(local.map(({ video }) => video.join())).size === local.length, "all are different");
  for (const from of [0, 4]) {
    const crew = await batchesOf(crewCrops(config, { sources, ranks, workers: 2 }), from);
    deepEqual(crew, local.slice(2 * from));
  }
});

Deno.test("crops: a video's windows are those of the whole video, cached or not", async () => {
  const { sources: [, spec] } = await (made ??= makeSources());
  const [whole, windows] = [await openSource(spec, 1e7), await openSource(spec, 1000)];
  deepEqual(whole.clips.map(({ width, height, count }) => [width, height, count]), [
    [43, 32, 12],
    [32, 43, 7],
    [32, 32, 1],
  ]);
  for (const [clip, first] of [[0, 0], [0, 7], [1, 2]] as const) {
    const [a, b] = [await whole.read(clip, first, 3), await windows.read(clip, first, 3)];
    equal(difference(a.frames.data, b.frames.data).max, 0);
    deepEqual([a.frames.count, a.mask.length], [3, b.mask.length]);
  }
});

Deno.test("crops: what a worker cannot read ends the step that needs it, by its name", async () => {
  const sources: SourceSpec[] = [{ kind: "dataset", folder: "/nowhere", share: 1, clips: 2 }];
  const loader = crewCrops(config, { sources, ranks, workers: 1 });
  await rejects(
    loader.ready(0),
    (error: Error) => error instanceof InputError && /nowhere/.test(error.message),
  );
  loader.close();
});

Deno.test("crops: photographs alone make no videos", async () => {
  const picture: Frames = ramps({ width: 32, height: 32, count: 1 });
  const source = memorySource([{ frames: picture, mask: new Uint8Array(32 * 32) }]);
  const stills = { ...config, images: { share: 1, batch: 2 } };
  const loader = localCrops(stills, { sources: [source], ranks });
  await loader.ready(0);
  deepEqual(loader.batch(0).shape, [2, 1, 24, 24]);
  const films = localCrops({ ...config, images: { share: 0, batch: 2 } }, {
    sources: [source],
    ranks,
  });
  await rejects(films.ready(0), ConfigError);
});

Deno.test("trainVae: with workers a resumed run ends where an unbroken one ends, and tells its samples", async () => {
  const before = liveTensors();
  const { folder, sources: [spec] } = await (made ??= makeSources());
  if (spec.kind !== "dataset") throw new Error("a data set is first");
  using dataset = await openDataset(spec.folder);
  const clips = [await dataset.clip(0), await dataset.clip(1)];
  const run = async (out: string, stopAt = Infinity): Promise<void> => {
    const stop = new AbortController();
    const loader = crewCrops(config, { sources: [spec], ranks, workers: 1 });
    await trainVae(config, {
      out: join(folder, out),
      clips,
      validation: clips,
      loader,
      resume: "auto",
      signal: stop.signal,
      onStep: ({ step, samples, loaderMs, ms }) => {
        ok([4, 5, 6].includes(samples), `${samples} samples`);
        ok(loaderMs > 0 && loaderMs < ms);
        if (step >= stopAt) stop.abort();
      },
    }).finally(() => loader.close());
  };
  await run("whole");
  await run("parts", 4);
  await run("parts");
  const [a, b] = await Promise.all(
    ["whole", "parts"].map((out) => Deno.readFile(join(folder, out, "vae.safetensors"))),
  );
  deepEqual(a, b);
  const sheets = [...Deno.readDirSync(join(folder, "whole", "samples"))].map(({ name }) => name);
  deepEqual(sheets.sort(), ["step-0000003.png", "step-0000006.png"]);
  equal(liveTensors(), before);
});

Deno.test("ByteCache: keeps what was used last, within its bytes", async () => {
  const cache = new ByteCache<string, Uint8Array>(10, ({ length }) => length);
  let makes = 0;
  const get = (key: string, length: number) =>
    cache.get(key, () => Promise.resolve((makes++, new Uint8Array(length))));
  for (const key of ["a", "b", "a", "c"]) await get(key, 4);
  deepEqual([makes, cache.bytes], [3, 8]);
  await get("a", 4);
  equal(makes, 3);
  await get("b", 4);
  equal(makes, 4);
  await get("large", 11);
  equal(cache.bytes, 8);
});

Deno.test("AheadLoader: so many steps are asked for ahead and no more, none beyond the last", async () => {
  const sent: number[] = [];
  const worker = {
    onmessage: (_: { data: unknown }) => {},
    postMessage(message: { id?: number; order?: number }) {
      if (message.id === undefined) return;
      sent.push(message.order!);
      queueMicrotask(() =>
        worker.onmessage({ data: { id: message.id, item: message.order! * 2 } })
      );
    },
    terminate: () => {},
  };
  const loader = new AheadLoader<string, number, number>({
    spawn: () => worker as unknown as Worker,
    workers: 1,
    start: "",
    ordersOf: (step) => [10 * step, 10 * step + 1],
    steps: 6,
    ahead: 3,
  });
  await loader.ready(0);
  deepEqual(sent, [0, 1, 10, 11, 20, 21]);
  deepEqual([loader.item(0), loader.item(1)], [0, 2]);
  await loader.ready(1);
  deepEqual(sent.slice(6), [30, 31]);
  await loader.ready(5);
  deepEqual(sent.slice(8), [50, 51]);
  deepEqual([loader.item(0), loader.item(1)], [100, 102]);
  loader.close();
});
