/**
 * One grid of views and instants from files to frames.
 * @module
 */
import { makeScheduler, type SavedState } from "../../diffusion/mod.ts";
import { IoError } from "../../errors.ts";
import { removeQuietly, SpooledClip } from "../../io/mod.ts";
import { type Device, disposeAll, type Tensor } from "../../tensor/mod.ts";
import {
  decodeOverPrior,
  type GenerateProgress,
  lastFlowTime,
  type Report,
  stageReporter,
} from "../generation/mod.ts";
import { dressedBodies, keepFrames, loadScene, paintKnown, type Scene } from "../scene/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import { decodeLatents } from "../codec/mod.ts";
import { dtypeOf, savingRhythm, type Seal, writeSampling } from "../record/mod.ts";
import { Models, readsPrior, type WeightFiles } from "../weights/mod.ts";
import { latentsUnder, windowSize } from "../sampling/mod.ts";
import { viewCameras } from "./cameras.ts";
import { encodeGrid, type GridScene, openViewBackground } from "./encode_grid.ts";
import { encodeGiven, viewOf } from "./held_latents.ts";
import { type GivenPictures, readGiven } from "./given.ts";
import { type GridPaths, writeGrid } from "./write_grid.ts";
import { type GridRecord, portableGrid, recoverGrid } from "./grid_record.ts";
import { sampleGrid } from "./sample_grid.ts";
import type { GridJob } from "./grid_job.ts";

/** What a grid is made with besides its record. */
export interface GenerateGridOptions {
  readonly weights: WeightFiles;
  readonly record: GridRecord;
  readonly paths: GridPaths;
  /** Removes pictures of older, longer sequences. */
  readonly replace?: boolean;
  /** Signs what is made. */
  readonly seal?: Seal;
  /** A folder that gets the views as a data set of nerfstudio too. */
  readonly nerfstudio?: string;
  /** Where the walk is kept until all is written. */
  readonly state?: string;
  /** Goes on with what an earlier run left at `state`. */
  readonly resume?: boolean;
  /** Steps from one saved state to the next. Default: each, but at most one a second. */
  readonly every?: number;
  readonly onProgress?: (progress: GenerateProgress) => void;
  readonly onNotice?: (text: string) => void;
  /** Looks at the geometry before a model is loaded; what it throws ends the generation. */
  readonly onScene?: (scene: GridScene) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Makes all views of a scene at once (4Real-Video) and writes them; returns the paths. Pictures that
 * are given are written as they are: their latents are held during sampling, so that the others agree
 * with them, and their frames replace what the decoder makes of those latents.
 *
 * Throws {@linkcode InputError} for files that cannot be used; what `signal` was aborted with.
 */
export async function generateGrid(
  grid: GridJob,
  options: GenerateGridOptions,
): Promise<string[]> {
  const { weights, record, paths, state, onNotice } = options;
  const { job } = grid;
  const device = job.device as Device;
  const scene = await loadScene({ ...job, camera: "static" }, { bodyPath: weights.body, onNotice });
  const cameras = await viewCameras(grid, { scene, onNotice });
  await options.onScene?.({ scene, cameras });
  using given = await readGiven(grid, onNotice);
  const from = options.resume && state ? await recoverGrid(state, { record, device }) : undefined;
  if (options.resume && !from) {
    onNotice?.("there is nothing to resume: starting from the beginning");
  }
  const clips: SpooledClip[] = [];
  try {
    const report = stageReporter(options.onProgress);
    using models = await Models.load(weights, { device, dtype: dtypeOf(job), loras: job.lora });
    tellOfViews(models, grid, onNotice);
    if (job.blockCache > 0) onNotice?.("--block-cache is for single views: a grid asks all layers");
    const around = readsPrior(models.dit.config);
    const known = around ? await paintKnown(job, scene, onNotice) : { scene };
    using latents = await sampleLatentsOf(grid, {
      ...{ models, scene: { ...known, cameras }, given, from, report },
      options,
    });
    models.freeDit();
    const painted = known.painted ?? await dressedBodies(job, known.scene);
    for (let view = 0; view < grid.views; view++) {
      const seen = { scene: { ...scene, cameras: cameras[view] }, painted };
      const isAround = known.painted !== undefined;
      const decoding = { models, latents, view, given, report, ...seen, around: isAround };
      clips.push(await decodeView(grid, decoding, options.signal));
    }
    const { replace, seal, nerfstudio } = options;
    const written = await writeGrid(paths, {
      ...{ clips, cameras, record, replace, seal, nerfstudio },
    });
    if (state) await removeQuietly(state);
    return written;
  } finally {
    for (const clip of clips) clip[Symbol.dispose]();
    if (from) disposeAll(from.state);
  }
}

/** Says what weights that know no views can do. */
function tellOfViews({ dit }: Models, { views }: GridJob, onNotice?: (text: string) => void): void {
  if (dit.views || views === 1) return;
  onNotice?.(
    `these weights make one view at a time: the views share only reference, body and cameras (isa4d train dit --config small-grid makes weights for grids)`,
  );
}

interface Sampling {
  readonly models: Models;
  readonly scene: GridScene;
  readonly given: GivenPictures;
  readonly from?: SavedState;
  readonly report: Report;
  readonly options: GenerateGridOptions;
}

async function sampleLatentsOf(
  grid: GridJob,
  { models, scene, given, from, report, options }: Sampling,
): Promise<Tensor> {
  const { signal, onNotice, state, record } = options;
  report("encoding", 0, 1);
  const size = windowSize(grid.job, models.dit.config.temporalFactor);
  const conditions = await encodeGrid(models, grid, scene, { onNotice, signal, size });
  const { shape } = latentsUnder(conditions);
  const held = await encodeGiven(models, grid, given, { shape, signal });
  report("encoding", 1, 1);
  const due = savingRhythm(options.every);
  const { steps, flowShift, sampler } = grid.job;
  const last = makeScheduler(sampler, { steps, shift: flowShift }).timesteps.length;
  try {
    return await sampleGrid(models.dit, conditions, {
      ...grid.job,
      ...{ dtype: dtypeOf(grid.job), held, from, signal },
      onState: async (saved) => {
        // The last one stays until all is written: it is the latents.
        if (!state || !(due(saved.done) || saved.done === last)) return;
        await writeSampling(state, saved, portableGrid(record, state)).catch((error) => {
          if (!(error instanceof IoError)) throw error;
          onNotice?.(`${error.message}; the run continues, but cannot be resumed from here`);
        });
      },
      ...(size
        ? { onWindow: (done, of) => report("sampling", done, of) }
        : { onStep: ({ step, of }) => report("sampling", step, of) }),
    });
  } finally {
    disposeAll({ conditions, held });
  }
}

interface Decoding {
  readonly models: Models;
  readonly latents: Tensor;
  readonly view: number;
  readonly scene: Scene;
  readonly painted: readonly PaintedBody[];
  /** Whether the latents were sampled around the prior. */
  readonly around: boolean;
  readonly given: GivenPictures;
  readonly report: Report;
}

/** A view's frames on disk, given ones as they were given. */
async function decodeView(
  grid: GridJob,
  { models, latents, view, scene, painted, around, given, report }: Decoding,
  signal?: AbortSignal,
): Promise<SpooledClip> {
  const { job, views } = grid;
  const { width, height, fps, frames } = job;
  using own = viewOf(latents, view);
  const stored = { latents: own, frames, width, height, fps };
  const options = {
    device: models.device,
    chunk: 1,
    tiling: job.vaeTiling,
    onFrames: (done: number) => report("decoding", view * frames + done, views * frames),
    signal,
  };
  const open = () => openViewBackground(grid, view);
  const overBackground = async () => {
    const decoded = decodeLatents(models.vae, stored, options);
    const background = await open();
    return background ? keepFrames({ made: decoded, scene, painted, background }) : decoded;
  };
  const prior = { stored, scene, painted, openBackground: open, dtype: dtypeOf(job) };
  const kept = around
    ? decodeOverPrior(models.vae, { ...prior, t: lastFlowTime(job) }, options)
    : await overBackground();
  const pictures = async function* () {
    let frame = 0;
    for await (const picture of kept) {
      yield await given.picture({ view, frame: frame++ }) ?? picture;
    }
  };
  return await SpooledClip.fill({ width, height, fps, frames: pictures() }, signal);
}
