/**
 * From a job's scene to its latents; the state is kept meanwhile, so that a cut run can go on.
 * @module
 */
import type { SavedState } from "../../diffusion/mod.ts";
import { IoError } from "../../errors.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import { type Device, disposeAll, type Tensor } from "../../tensor/mod.ts";
import type { Job } from "../job/mod.ts";
import {
  type GenerationRecord,
  portableRecord,
  savingRhythm,
  type SettledJob,
  writeSampling,
} from "../record/mod.ts";
import { encodeConditions, sampleLatents, windowSize } from "../sampling/mod.ts";
import { scaleScene, type Scene } from "../scene/mod.ts";
import type { Models } from "../weights/mod.ts";
import type { GenerateOptions } from "./generate_options.ts";
import { LivePreview } from "./live_preview.ts";
import type { Report } from "./progress.ts";

interface Sampling {
  readonly models: Models;
  readonly scene: Scene;
  readonly painted?: readonly PaintedBody[];
  /** At which the model works. */
  readonly size: Pick<Job, "width" | "height">;
  /** Of that size. */
  readonly background?: AsyncIterable<Uint8Array>;
  readonly report: Report;
  readonly from?: SavedState;
}

/** Encodes a job's pictures and samples its latents; the caller frees them. */
export async function sampleJob(
  job: SettledJob,
  { models, scene, painted, size, background, report, from }: Sampling,
  { signal, files, onNotice, sampler, preview }: GenerateOptions,
): Promise<Tensor> {
  const clip = { ...await scaleScene(scene, size), ...size, painted, background };
  const windows = windowSize(job, models.dit.config.temporalFactor);
  const encoding = { signal, tiling: job.vaeTiling, size: windows };
  const conditions = await encodeConditions(models, clip, encoding);
  report("encoding", 1, 1);
  const due = savingRhythm(files?.every);
  const live = preview && new LivePreview(models.vae, preview, {
    clip: { ...size, frames: job.frames, fps: job.fps },
    ...{ device: job.device as Device, tiling: job.vaeTiling, onNotice },
  });
  try {
    return await sampleLatents(models.dit, conditions, {
      ...job,
      sampler: sampler ?? job.sampler,
      from,
      onState: async (saved) => {
        if (!due(saved.done)) return;
        await keepState(
          { files, onNotice },
          (path, record) => writeSampling(path, saved, portableRecord(record, path)),
        );
      },
      onEstimate: live && ((latents, step) => live.see(latents, step)),
      ...(windows
        ? { onWindow: (done, of) => report("sampling", done, of) }
        : { onStep: ({ step, of }) => report("sampling", step, of) }),
      signal,
    });
  } finally {
    disposeAll(conditions);
  }
}

/** Keeps the state where it can: a disk that takes it no more is no reason to stop. */
export async function keepState(
  { files, onNotice }: Pick<GenerateOptions, "files" | "onNotice">,
  write: (path: string, record: GenerationRecord) => Promise<void>,
): Promise<void> {
  if (!files?.state) return;
  try {
    await write(files.state, files.record);
  } catch (error) {
    if (!(error instanceof IoError)) throw error;
    onNotice?.(`${error.message}; the run continues, but cannot be resumed from here`);
  }
}
