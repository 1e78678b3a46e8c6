/**
 * The prior of a job as a video: painted persons over the background, corrected by the VideoVAE where
 * there is one; nothing is sampled.
 * @module
 */
import { type FrameStream, type RgbaStream, withAlpha } from "../../io/mod.ts";
import type { PriorFrame, PriorPlanes } from "../../prior/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import {
  drawFrame,
  loadScene,
  mapped,
  openBackground,
  paintScene,
  sceneFrames,
} from "../scene/mod.ts";
import type { GenerateOptions } from "./generate_options.ts";
import type { Job } from "../job/mod.ts";
import type { SettledJob } from "../record/mod.ts";
import { correctPrior, loadPriorDecoder } from "./prior_correction.ts";
import { stageReporter } from "./progress.ts";

type PriorOptions = Pick<GenerateOptions, "onProgress" | "onNotice" | "onScene" | "signal">;

/**
 * Makes a job's video of the prior, corrected by the VideoVAE where there is one; nothing is sampled.
 * Errors as `generate`, and {@linkcode InputError} for a VideoVAE without a decoder that knows the prior.
 */
export async function generatePrior(
  job: SettledJob,
  { body: bodyPath, videoVae }: { readonly body: string; readonly videoVae?: string },
  consume: (video: FrameStream) => Promise<void>,
  options: PriorOptions = {},
): Promise<void> {
  const frames = await openPrior(job, bodyPath, { ...options, background: true });
  const { width, height, fps, dtype } = job;
  const video = (draw: (frame: PriorFrame) => Uint8Array) =>
    consume({ width, height, fps, frames: mapped(frames, draw) });
  if (videoVae === undefined) return await video((frame) => drawFrame(frame).rgb);
  const vae = await loadPriorDecoder(videoVae, job.device as Device);
  try {
    await video((frame) => correctPrior(vae, frame, { dtype }));
  } finally {
    vae.vars.dispose();
  }
}

/** As {@linkcode generatePrior}, but the persons alone, with straight opacity. */
export async function generatePriorMatte(
  job: Job,
  { body: bodyPath }: { readonly body: string },
  consume: (person: RgbaStream) => Promise<void>,
  options: PriorOptions = {},
): Promise<void> {
  const frames = await openPrior(job, bodyPath, { ...options, background: false });
  const { width, height, fps } = job;
  const cutOut = ({ colour, coverage }: PriorPlanes) => withAlpha(colour, coverage);
  await consume({
    width,
    height,
    fps,
    frames: mapped(frames, (frame) => cutOut(drawFrame(frame))),
  });
}

async function openPrior(
  job: Job,
  bodyPath: string,
  { onProgress, onNotice, onScene, signal, background }: PriorOptions & {
    readonly background: boolean;
  },
): Promise<AsyncGenerator<PriorFrame>> {
  const scene = await loadScene(job, { bodyPath, onNotice });
  await onScene?.(scene);
  const painted = await paintScene(job, scene, onNotice);
  const behind = background ? await openBackground(job, onNotice) : undefined;
  const report = stageReporter(onProgress);
  return (async function* () {
    let done = 0;
    for await (const frame of sceneFrames(scene, painted, behind)) {
      signal?.throwIfAborted();
      yield frame;
      report("drawing", ++done, job.frames);
    }
  })();
}
