/**
 * One job from files to frames.
 * @module
 */
import type { Sampler, SavedState } from "../../diffusion/mod.ts";
import { IoError } from "../../errors.ts";
import { type FrameStream, removeQuietly } from "../../io/mod.ts";
import { loadVideoVae, type VideoVae } from "../../models/video_vae/mod.ts";
import { type Device, disposeAll, type Tensor } from "../../tensor/mod.ts";
import { keepKnown, loadScene, openBackground, type Scene, sceneOfLatents } from "../scene/mod.ts";
import {
  encodeConditions,
  sampleLatents,
  WindowedConditions,
  windowSize,
} from "../sampling/mod.ts";
import type { Job } from "../job/mod.ts";
import { checkIdentity, Models, type PriorWeights, type WeightFiles } from "../weights/mod.ts";
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
  { videoVae, body }: Pick<WeightFiles, "videoVae" | "body">,
  stored: StoredLatents,
  consume: (video: FrameStream) => Promise<void>,
  options: GenerateOptions = {},
): Promise<void> {
  using _latents = stored.latents;
  if (options.files?.latents) {
    await writeLatents(options.files.latents, stored, options.files.record);
  }
  const scene = await sceneOfLatents(job, { body }, options.onNotice);
  const vae = await loadVideoVae(videoVae, { device: job.device as Device });
  try {
    const report = stageReporter(options.onProgress);
    report("decoding", 0, job.frames);
    await consume(decoded(job, { vae, stored, scene, report, signal: options.signal }));
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
  const report = stageReporter(onProgress);
  report("encoding", 0, 1);
  const background = await openBackground(job, onNotice);
  using models = await source.load(weights, {
    device: job.device as Device,
    loras: job.lora,
  });
  using latents = await makeLatents(job, {
    ...{ models, scene, background, report, signal },
    ...{ files, from, onNotice, sampler },
  });
  models.freeDit();
  const { width, height, fps, frames } = job;
  const stored = { latents, frames, width, height, fps };
  await tryToKeep({ files, onNotice }, (path, record) => writeLatents(path, stored, record));
  if (files?.latents) await writeLatents(files.latents, stored, files.record);
  await consume(decoded(job, { vae: models.vae, stored, scene, report, signal }));
}

interface Decoding {
  readonly vae: VideoVae;
  readonly stored: StoredLatents;
  /** Where the background shows; absent: as the VideoVAE gives it back. */
  readonly scene?: Scene;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

function decoded(job: Job, { vae, stored, scene, report, signal }: Decoding): FrameStream {
  const { width, height, fps, frames } = stored;
  const made = decodeLatents(vae, stored, {
    device: job.device as Device,
    chunk: 1,
    tiling: job.vaeTiling,
    onFrames: (done) => report("decoding", done, frames),
    signal,
  });
  return { width, height, fps, frames: scene ? keepKnown(job, made, scene) : made };
}

interface Sampling {
  readonly models: Models;
  readonly scene: Scene;
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
  { models, scene, background, report, signal, files, from, onNotice, sampler }: Sampling,
): Promise<Tensor> {
  const { width, height } = job;
  const clip = { ...scene, width, height, background };
  const size = windowSize(job, models.dit.config.temporalFactor);
  const encoding = { signal, tiling: job.vaeTiling };
  const conditions = size
    ? await WindowedConditions.encode(models, clip, { ...encoding, size })
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
      ...(size
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
