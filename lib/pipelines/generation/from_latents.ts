/**
 * Latents that were sampled before, as frames.
 * @module
 */
import { InputError, IoError } from "../../errors.ts";
import type { FrameStream } from "../../io/mod.ts";
import { loadVideoVae } from "../../models/video_vae/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import type { Job } from "../job/mod.ts";
import { type StoredLatents, withDtype, writeLatents } from "../record/mod.ts";
import { loadScene, type OnNotice, openBackground, paintKnown, type Scene } from "../scene/mod.ts";
import { readIsaDitConfig, readsPrior, type WeightFiles } from "../weights/mod.ts";
import { decodeJob } from "./decode_job.ts";
import type { GenerateOptions } from "./generate_options.ts";
import { stageReporter } from "./progress.ts";

/** Decodes latents that were sampled before, and frees them; else as `generate`. */
export async function generateFromLatents(
  given: Job,
  { videoVae, body, isaDit }: Pick<WeightFiles, "videoVae" | "body"> & {
    readonly isaDit?: string;
  },
  stored: StoredLatents,
  consume: (video: FrameStream) => Promise<void>,
  { files, onNotice, onProgress, signal }: GenerateOptions = {},
): Promise<void> {
  using _latents = stored.latents;
  const job = withDtype(given);
  if (files?.latents) await writeLatents(files.latents, stored, files.record);
  const around = isaDit !== undefined && readsPrior(await readIsaDitConfig(isaDit));
  const scene = await sceneOfLatents(job, { body, around }, onNotice);
  const known = around && scene ? await paintKnown(job, scene) : { scene };
  const vae = await loadVideoVae(videoVae, { device: job.device as Device, dtype: job.dtype });
  try {
    const report = stageReporter(onProgress);
    report("decoding", 0, job.frames);
    await consume(decodeJob(job, { vae, stored, ...known, report, signal }));
  } finally {
    vae.vars.dispose();
  }
}

/**
 * The scene that latents were sampled in, `around` the prior or to be laid over the background; undefined
 * where that asks for none and, with a notice, where files are gone.
 */
async function sceneOfLatents(
  job: Job,
  { body: bodyPath, around }: { readonly body: string; readonly around: boolean },
  onNotice?: OnNotice,
): Promise<Scene | undefined> {
  try {
    const background = await openBackground(job);
    await background?.return(undefined);
    return around || background ? await loadScene(job, { bodyPath }) : undefined;
  } catch (error) {
    if (!(error instanceof InputError || error instanceof IoError)) throw error;
    const what = around ? "all that is known of the picture" : "the background";
    onNotice?.(`${what} is as the VideoVAE gives it back, since ${error.message}`);
    return undefined;
  }
}
