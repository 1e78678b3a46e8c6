/**
 * One job from files to frames.
 * @module
 */
import type { SavedState } from "../../diffusion/mod.ts";
import { type FrameStream, removeQuietly } from "../../io/mod.ts";
import { type Device, disposeAll } from "../../tensor/mod.ts";
import type { Job } from "../job/mod.ts";
import { recover, type SettledJob, withDtype, writeLatents } from "../record/mod.ts";
import { loadScene, openBackground, paintKnown } from "../scene/mod.ts";
import {
  checkIdentity,
  Models,
  type PriorWeights,
  readIsaDitConfig,
  readsPrior,
  samplingSize,
  type WeightFiles,
} from "../weights/mod.ts";
import { decodeJob } from "./decode_job.ts";
import { generateFromLatents } from "./from_latents.ts";
import type { GenerateOptions } from "./generate_options.ts";
import { generatePrior } from "./generate_prior.ts";
import { stageReporter } from "./progress.ts";
import { keepState, sampleJob } from "./sample_job.ts";

/**
 * Makes a job's video and hands its frames to `consume` as they are decoded. Geometry and pictures
 * are read before libtorch is opened, so that a wrong file is found at once.
 *
 * Throws {@linkcode InputError} for files that cannot be used and for a state of another job; what
 * `signal` was aborted with; what `consume` throws.
 */
export async function generate(
  given: Job,
  weights: WeightFiles | PriorWeights,
  consume: (video: FrameStream) => Promise<void>,
  options: GenerateOptions = {},
): Promise<void> {
  const job = withDtype(given);
  if (weights.isaDit === undefined) return await generatePrior(job, weights, consume, options);
  const { files } = options;
  const left = files?.resume && files.state
    ? await recover(files.state, { record: files.record, device: job.device as Device })
    : undefined;
  if (files?.resume && !left) {
    options.onNotice?.("there is nothing to resume: starting from the beginning");
  }
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

interface Work {
  readonly weights: WeightFiles;
  readonly consume: (video: FrameStream) => Promise<void>;
  readonly from?: SavedState;
}

async function sampleAndDecode(
  job: SettledJob,
  { weights, consume, from }: Work,
  options: GenerateOptions,
): Promise<void> {
  const { onNotice, signal, files, sampler, models: source = Models } = options;
  if (job.identity) await checkIdentity(weights.isaDit, job.identity);
  const scene = await loadScene(job, { bodyPath: weights.body, onNotice });
  await options.onScene?.(scene);
  const config = await readIsaDitConfig(weights.isaDit);
  const known = readsPrior(config) ? await paintKnown(job, scene, onNotice) : { scene };
  const { width, height, dtype, lora: loras } = job;
  const size = known.painted ? samplingSize(config, job) : { width, height };
  const report = stageReporter(options.onProgress);
  report("encoding", 0, 1);
  const background = await openBackground({ ...job, ...size }, onNotice);
  using models = await source.load(weights, { device: job.device as Device, dtype, loras });
  const sampling = { models, ...known, size, background, report, from };
  using latents = await sampleJob(job, sampling, options);
  models.freeDit();
  const { fps, frames } = job;
  const stored = { latents, frames, ...size, fps };
  await keepState(options, (path, record) => writeLatents(path, stored, record));
  if (files?.latents) await writeLatents(files.latents, stored, files.record);
  await consume(decodeJob(job, { vae: models.vae, stored, ...known, sampler, report, signal }));
}
