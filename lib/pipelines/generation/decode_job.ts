/**
 * From a job's latents to its frames, over what is known of its background or around its prior.
 * @module
 */
import type { Sampler } from "../../diffusion/mod.ts";
import type { FrameStream } from "../../io/mod.ts";
import type { VideoVae } from "../../models/video_vae/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { decodeLatents, type PictureSize } from "../codec/mod.ts";
import type { SettledJob, StoredLatents } from "../record/mod.ts";
import { keepKnown, openBackground, type Scene } from "../scene/mod.ts";
import { decodeOverPrior, lastFlowTime } from "./decode_over_prior.ts";
import type { Report } from "./progress.ts";

interface Decoding {
  readonly vae: VideoVae;
  readonly stored: StoredLatents;
  /** Where the background shows; absent: as the VideoVAE gives it back. */
  readonly scene?: Scene;
  /** Whom the latents were sampled around. */
  readonly painted?: readonly PaintedBody[];
  /** What they were sampled with, if not with the job's. */
  readonly sampler?: Sampler;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** A job's frames, decoded as they are asked for. */
export function decodeJob(
  job: SettledJob,
  { vae, stored, scene, painted, sampler, report, signal }: Decoding,
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
    const { width, height, dtype } = job;
    const t = lastFlowTime({ ...job, ...sampler && { sampler } });
    const open = (size: PictureSize) => openBackground({ ...job, ...size });
    const around = { stored, scene, painted, openBackground: open, t, dtype };
    return { width, height, fps, frames: decodeOverPrior(vae, around, options) };
  }
  const made = decodeLatents(vae, stored, options);
  return { width, height, fps, frames: scene ? keepKnown(job, made, scene) : made };
}
