import { deepEqual, equal, notDeepEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import {
  frameAt,
  type Frames,
  readImage,
  sequencePath,
  writePngSequence,
} from "../../../lib/io/mod.ts";
import type { IsaDitConfig } from "../../../lib/models/isa_dit/mod.ts";
import { encodeGrid } from "../../../lib/pipelines/grid/encode_grid.ts";
import { encodeGiven } from "../../../lib/pipelines/grid/held_latents.ts";
import { readGiven } from "../../../lib/pipelines/grid/given.ts";
import {
  checkGridOutput,
  generateGrid,
  type GridJobInput,
  makeGridRecord,
  parseGridJob,
  viewCameras,
} from "../../../lib/pipelines/grid/mod.ts";
import { sampleGrid } from "../../../lib/pipelines/grid/sample_grid.ts";
import { dtypeOf, findWeights, Models } from "../../../lib/pipelines/mod.ts";
import { loadScene } from "../../../lib/pipelines/scene/scene.ts";
import {
  WindowedConditions,
  type WindowSize,
} from "../../../lib/pipelines/sampling/windowed_conditions.ts";
import { latentsUnder } from "../../../lib/pipelines/sampling/encode_conditions.ts";
import { disposeAll, liveBytes, liveTensors, toBytes } from "../../../lib/tensor/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { writeJobFiles } from "../../support/job_files.ts";

type Change = Record<string, unknown>;

/** A small grid of two views on the files of `folder`: 21 frames are 6 latent ones. */
function gridOf(folder: string, job: Change = {}, grid: Partial<GridJobInput> = {}) {
  return parseGridJob({
    views: 2,
    viewCameras: ["orbit:deg=90"],
    ...grid,
    job: {
      reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
      persons: [{ motion: "builtin:walk" }],
      weights: join(folder, "weights"),
      ...{ width: 32, height: 32, frames: 21, steps: 2, background: "#204060" },
      output: join(folder, "g/%04d.png"),
      ...job,
    },
  });
}

const withWeights = (
  body: (folder: string) => Promise<void>,
  views: IsaDitConfig["views"] = "hard",
) =>
  withFolder(async (folder) => {
    await writeJobFiles(folder, { views });
    await body(folder);
  });

/** The latents of a grid whose conditions are told in windows of `size`, or whole. */
async function latentsOf(grid: ReturnType<typeof gridOf>, size?: WindowSize): Promise<Uint8Array> {
  const weights = await findWeights(grid.job.weights);
  const scene = await loadScene(grid.job, { bodyPath: weights.body });
  const cameras = await viewCameras(grid, { scene });
  using given = await readGiven(grid);
  using models = await Models.load(weights);
  const conditions = await encodeGrid(models, grid, { scene, cameras }, { size });
  const { shape } = latentsUnder(conditions);
  const held = await encodeGiven(models, grid, given, { shape });
  try {
    const dtype = dtypeOf(grid.job);
    using latents = await sampleGrid(models.dit, conditions, { ...grid.job, dtype, held });
    return toBytes(latents);
  } finally {
    disposeAll({ conditions, held });
  }
}

/** Frames that no model would make. */
function noise(count: number): Frames {
  const data = Uint8Array.from({ length: count * 32 * 32 * 3 }, (_, i) => (i * i * 7 + i) % 256);
  return { width: 32, height: 32, count, fps: 8, data };
}

async function make(
  grid: ReturnType<typeof gridOf>,
  options: Partial<Parameters<typeof generateGrid>[1]> = {},
): Promise<void> {
  const weights = await findWeights(grid.job.weights);
  const [record, paths] = [await makeGridRecord(grid, weights.all), await checkGridOutput(grid)];
  await generateGrid(grid, { weights, record, paths, ...options });
}

async function pictures(pattern: string, count: number): Promise<Uint8Array[]> {
  const files = Array.from({ length: count }, (_, i) => sequencePath(pattern, i + 1));
  return await Promise.all(files.map(async (file) => (await readImage(file)).data));
}

for (const views of ["none", "hard", "soft"] as const) {
  Deno.test(`a grid in windows: one window over the whole clip is the whole clip, to the bit (${views})`, () =>
    withWeights(async (folder) => {
      await Deno.mkdir(join(folder, "front"));
      await writePngSequence(join(folder, "front/%04d.png"), noise(9));
      const live = liveTensors();
      const grid = gridOf(folder, { frames: 9, sampler: "dpm++2m" }, {
        givenViews: [{ view: 1, video: join(folder, "front/%04d.png") }],
      });
      const whole = await latentsOf(grid);
      deepEqual(await latentsOf(grid, { length: 3, overlap: 1 }), whole);
      notDeepEqual(await latentsOf(grid, { length: 2, overlap: 1 }), whole);
      equal(liveTensors(), live);
    }, views));
}

Deno.test("a grid in windows: given views and a given instant come back as they are, at every window", () =>
  withWeights(async (folder) => {
    for (const name of ["front", "orbit"]) await Deno.mkdir(join(folder, name));
    const given = noise(21);
    await writePngSequence(join(folder, "front/%04d.png"), given);
    const orbit = { ...noise(2), data: noise(2).data.map((x) => 255 - x) };
    await writePngSequence(join(folder, "orbit/%04d.png"), orbit);
    await make(gridOf(folder, { window: 9, overlap: 4 }, {
      givenViews: [{ view: 0, video: join(folder, "front/%04d.png") }],
      givenTime: { frame: 0, video: join(folder, "orbit/%04d.png") },
    }));
    const back = await pictures(join(folder, "g/view-0/%04d.png"), 21);
    for (const [frame, picture] of back.entries()) deepEqual(picture, frameAt(given, frame));
    const [first] = await pictures(join(folder, "g/view-1/%04d.png"), 1);
    deepEqual(first, frameAt(orbit, 1));
  }));

Deno.test("a grid in windows: what is kept between two steps does not grow with the clip", () =>
  withWeights(async (folder) => {
    const kept = async (frames: number) => {
      const grid = gridOf(folder, { frames, background: "none" });
      const weights = await findWeights(grid.job.weights);
      const scene = await loadScene(grid.job, { bodyPath: weights.body });
      const cameras = await viewCameras(grid, { scene });
      using models = await Models.load(weights);
      const before = liveBytes();
      const size = { length: 3, overlap: 1 };
      using told = await encodeGrid(models, grid, { scene, cameras }, {
        size,
      }) as WindowedConditions;
      equal(told.windows.length, frames === 21 ? 3 : 8);
      return liveBytes() - before;
    };
    const [short, long] = [await kept(21), await kept(61)];
    ok(short > 0);
    equal(long, short);
  }));

Deno.test("a grid in windows: windows are told of; a cut run goes on to the same pictures, nothing leaks", () =>
  withWeights(async (folder) => {
    const live = liveTensors();
    const change = { window: 9, overlap: 4, sampler: "dpm++2m", steps: 3 };
    const seen: string[] = [];
    await make(gridOf(folder, { ...change, output: join(folder, "whole/%04d.png") }), {
      onProgress: ({ stage, done, of }) => stage === "sampling" && seen.push(`${done}/${of}`),
    });
    // 6 latent frames in windows of 3 that share 1: they begin at 0, 2 and 3.
    deepEqual([seen.length, seen[0], seen.at(-1)], [9, "1/9", "9/9"]);
    const grid = gridOf(folder, change);
    const state = join(folder, "state.safetensors");
    const controller = new AbortController();
    const cut = make(grid, {
      ...{ state, every: 1, signal: controller.signal },
      onProgress: ({ stage, done }) => {
        if (stage === "sampling" && done === 7) controller.abort(new Error("enough"));
      },
    });
    await rejects(cut, /enough/);
    await make(grid, { state, resume: true });
    equal(liveTensors(), live);
    for (const view of [0, 1]) {
      deepEqual(
        await pictures(join(folder, `g/view-${view}/%04d.png`), 21),
        await pictures(join(folder, `whole/view-${view}/%04d.png`), 21),
      );
    }
  }));
