/**
 * One job from files to frames.
 * @module
 */
import type { Sampler, SavedState } from "../../diffusion/mod.ts";
import { IoError } from "../../errors.ts";
import { type FrameStream, removeQuietly } from "../../io/mod.ts";
import { loadVideoVae, type VideoVae } from "../../models/video_vae/mod.ts";
import { type Device, disposeAll, type Tensor } from "../../tensor/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import {
  keepKnown,
  loadScene,
  openBackground,
  paintKnown,
  scaleScene,
  type Scene,
  sceneOfLatents,
} from "../scene/mod.ts";
import {
  encodeConditions,
  sampleLatents,
  WindowedConditions,
  windowSize,
} from "../sampling/mod.ts";
import type { Job } from "../job/mod.ts";
import {
  checkIdentity,
  Models,
  type PriorWeights,
  readIsaDitConfig,
  readsPrior,
  samplingSize,
  type WeightFiles,
} from "../weights/mod.ts";
import {
  type GenerationRecord,
  portableRecord,
  recover,
  savingRhythm,
  type StoredLatents,
  writeLatents,
  writeSampling,
} from "../record/mod.ts";
import { decodeLatents } from "../codec/mod.ts";
import { decodeOverPrior, lastFlowTime } from "./decode_over_prior.ts";
import type { GenerateOptions, GenerationFiles } from "./generate_options.ts";
import { type Report, stageReporter } from "./progress.ts";
import { generatePrior } from "./generate_prior.ts";

/**
 * Makes a job's video and hands its frames to `consume` as they are decoded. Geometry and pictures
 * are read before libtorch is opened, so that a wrong file is found at once.
 *
 * Throws {@linkcode InputError} for files that cannot be used and for a state of another job; what
 * `signal` was aborted with; what `consume` throws.
 */
export async function generate(
  job: Job,
  weights: WeightFiles | PriorWeights,
  consume: (video: FrameStream) => Promise<void>,
  options: GenerateOptions = {},
): Promise<void> {
  if (weights.isaDit === undefined) return await generatePrior(job, weights, consume, options);
  const { files } = options;
  const device = job.device as Device;
  const left = files?.resume && files.state
    ? await recover(files.state, { record: files.record, device })
    : undefined;
  if (files?.resume && !left) options.onNotice?.("there is nothing to resume: beginning anew");
  if (left?.kind === "latents") {
    await generateFromLatents(job, weights, left.stored, consume, options);
  } else {
    try {
      await sampleAndDecode(job, { weights, consume, from: left?.saved }, options);
    } finally {
      if (left) disposeAll(left.saved.state);
    }
  }
  if (files?.state) await removeQuietly(files.state);
}

/** Decodes latents that were sampled before, and frees them; else as {@linkcode generate}. */
export async function generateFromLatents(
  job: Job,
  { videoVae, body, isaDit }: Pick<WeightFiles, "videoVae" | "body"> & {
    readonly isaDit?: string;
  },
  stored: StoredLatents,
  consume: (video: FrameStream) => Promise<void>,
  options: GenerateOptions = {},
): Promise<void> {
  using _latents = stored.latents;
  if (options.files?.latents) {
    await writeLatents(options.files.latents, stored, options.files.record);
  }
  const around = isaDit !== undefined && readsPrior(await readIsaDitConfig(isaDit));
  const there = await sceneOfLatents(job, { body, around }, options.onNotice);
  const { scene, painted } = around && there ? await paintKnown(job, there) : { scene: there };
  const vae = await loadVideoVae(videoVae, { device: job.device as Device, dtype: job.dtype });
  try {
    const report = stageReporter(options.onProgress);
    report("decoding", 0, job.frames);
    const { signal } = options;
    const known = { scene, painted, t: lastFlowTime(job) };
    await consume(decoded(job, { vae, stored, ...known, report, signal }));
  } finally {
    vae.vars.dispose();
  }
}

interface Work {
  readonly weights: WeightFiles;
  readonly consume: (video: FrameStream) => Promise<void>;
  readonly from?: SavedState;
}

async function sampleAndDecode(
  job: Job,
  { weights, consume, from }: Work,
  { onProgress, onNotice, onScene, signal, files, sampler, models: source = Models }:
    GenerateOptions,
): Promise<void> {
  if (job.identity) await checkIdentity(weights.isaDit, job.identity);
  const scene = await loadScene(job, { bodyPath: weights.body, onNotice });
  await onScene?.(scene);
  const config = await readIsaDitConfig(weights.isaDit);
  const known = readsPrior(config) ? await paintKnown(job, scene, onNotice) : { scene };
  const { painted } = known;
  const size = painted ? samplingSize(config, job) : { width: job.width, height: job.height };
  const report = stageReporter(onProgress);
  report("encoding", 0, 1);
  const background = await openBackground({ ...job, ...size }, onNotice);
  using models = await source.load(weights, {
    device: job.device as Device,
    dtype: job.dtype,
    loras: job.lora,
  });
  using latents = await makeLatents(job, {
    ...{ models, ...known, size, background, report, signal },
    ...{ files, from, onNotice, sampler },
  });
  models.freeDit();
  const { fps, frames } = job;
  const stored = { latents, frames, ...size, fps };
  await tryToKeep({ files, onNotice }, (path, record) => writeLatents(path, stored, record));
  if (files?.latents) await writeLatents(files.latents, stored, files.record);
  const walk = { ...job, sampler: sampler ?? job.sampler };
  const around = { ...known, t: lastFlowTime(walk) };
  await consume(decoded(job, { vae: models.vae, stored, ...around, report, signal }));
}

interface Decoding {
  readonly vae: VideoVae;
  readonly stored: StoredLatents;
  /** Where the background shows; absent: as the VideoVAE gives it back. */
  readonly scene?: Scene;
  /** Whom the latents were sampled around. */
  readonly painted?: readonly PaintedBody[];
  /** Flow time at which sampling ended. */
  readonly t: number;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

function decoded(
  job: Job,
  { vae, stored, scene, painted, t, report, signal }: Decoding,
): FrameStream {
  const { width, height, fps, frames } = stored;
  const options = {
    device: job.device as Device,
    chunk: 1,
    tiling: job.vaeTiling,
    onFrames: (done: number) => report("decoding", done, frames),
    signal,
  };
  if (scene && painted) {
    const open = (size: Pick<Job, "width" | "height">) => openBackground({ ...job, ...size });
    const around = { stored, scene, painted, openBackground: open, t, dtype: job.dtype };
    const { width, height } = job;
    return { width, height, fps, frames: decodeOverPrior(vae, around, options) };
  }
  const made = decodeLatents(vae, stored, options);
  return { width, height, fps, frames: scene ? keepKnown(job, made, scene) : made };
}

interface Sampling {
  readonly models: Models;
  readonly scene: Scene;
  readonly painted?: readonly PaintedBody[];
  /** At which the model works. */
  readonly size: Pick<Job, "width" | "height">;
  /** Of that size. */
  readonly background?: AsyncIterable<Uint8Array>;
  readonly report: Report;
  readonly signal?: AbortSignal;
  readonly files?: GenerationFiles;
  readonly from?: SavedState;
  readonly sampler?: Sampler;
  readonly onNotice?: (text: string) => void;
}

async function makeLatents(
  job: Job,
  { models, scene, painted, size, background, report, signal, ...options }: Sampling,
): Promise<Tensor> {
  const { files, from, onNotice, sampler } = options;
  const clip = { ...await scaleScene(scene, size), ...size, painted, background };
  const windows = windowSize(job, models.dit.config.temporalFactor);
  const encoding = { signal, tiling: job.vaeTiling };
  const conditions = windows
    ? await WindowedConditions.encode(models, clip, { ...encoding, size: windows })
    : await encodeConditions(models, clip, encoding);
  report("encoding", 1, 1);
  const due = savingRhythm(files?.every);
  try {
    return await sampleLatents(models.dit, conditions, {
      ...job,
      sampler: sampler ?? job.sampler,
      from,
      onState: async (saved) => {
        if (!due(saved.done)) return;
        await tryToKeep(
          { files, onNotice },
          (path, record) => writeSampling(path, saved, portableRecord(record, path)),
        );
      },
      ...(windows
        ? { onWindow: (done, of) => report("sampling", done, of) }
        : { onStep: ({ step, of }) => report("sampling", step, of) }),
      signal,
    });
  } finally {
    if (conditions instanceof WindowedConditions) conditions.dispose();
    else disposeAll(conditions);
  }
}

/** Keeps the state where it can: a disk that takes it no more is no reason to stop. */
async function tryToKeep(
  { files, onNotice }: Pick<GenerateOptions, "files" | "onNotice">,
  write: (path: string, record: GenerationRecord) => Promise<void>,
): Promise<void> {
  if (!files?.state) return;
  try {
    await write(files.state, files.record);
  } catch (error) {
    if (!(error instanceof IoError)) throw error;
    onNotice?.(`${error.message}; the run goes on, but could not be resumed from here`);
  }
}
