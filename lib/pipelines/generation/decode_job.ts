/**
 * From a job's latents to its frames, over what is known of its background or around its prior.
 * @module
 */
import type { FrameStream } from "../../io/mod.ts";
import { loadVideoVae, type VideoVae } from "../../models/video_vae/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { decodeLatents } from "../codec/mod.ts";
import type { Job } from "../job/mod.ts";
import { dtypeOf, type StoredLatents, writeLatents } from "../record/mod.ts";
import { keepKnown, openBackground, paintKnown, type Scene, sceneOfLatents } from "../scene/mod.ts";
import { readIsaDitConfig, readsPrior, type WeightFiles } from "../weights/mod.ts";
import { decodeOverPrior, lastFlowTime } from "./decode_over_prior.ts";
import type { GenerateOptions } from "./generate_options.ts";
import { type Report, stageReporter } from "./progress.ts";

/** Decodes latents that were sampled before, and frees them; else as `generate`. */
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
  const vae = await loadVideoVae(videoVae, { device: job.device as Device, dtype: dtypeOf(job) });
  try {
    const report = stageReporter(options.onProgress);
    report("decoding", 0, job.frames);
    const { signal } = options;
    const known = { scene, painted, t: lastFlowTime(job) };
    await consume(decodeJob(job, { vae, stored, ...known, report, signal }));
  } finally {
    vae.vars.dispose();
  }
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

/** A job's frames, decoded as they are asked for. */
export function decodeJob(
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
    const around = { stored, scene, painted, openBackground: open, t, dtype: dtypeOf(job) };
    const { width, height } = job;
    return { width, height, fps, frames: decodeOverPrior(vae, around, options) };
  }
  const made = decodeLatents(vae, stored, options);
  return { width, height, fps, frames: scene ? keepKnown(job, made, scene) : made };
}
