/**
 * One job from files to frames.
 * @module
 */
import type { FrameStream } from "../io/mod.ts";
import type { Device, Tensor } from "../tensor/mod.ts";
import { openBackground } from "./background.ts";
import { encodeConditions } from "./conditions.ts";
import type { Job } from "./job/mod.ts";
import { decodeLatents } from "./reconstruct.ts";
import { disposeAll, sampleLatents } from "./sample.ts";
import { loadScene, type Scene } from "./scene.ts";
import { Models, type WeightFiles } from "./weights.ts";

/** What a generation is doing. */
export interface GenerateProgress {
  readonly stage: "encoding" | "sampling" | "decoding";
  readonly done: number;
  readonly of: number;
  /** Milliseconds since the stage began. */
  readonly elapsedMs: number;
}

/** Who listens to a generation. */
export interface GenerateOptions {
  readonly onProgress?: (progress: GenerateProgress) => void;
  /** Told what the user should know and that is no error. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a job's video and hands its frames to `consume` as they are decoded. Geometry and pictures
 * are read before libtorch is opened, so that a wrong file is found at once.
 *
 * Throws {@linkcode InputError} for files that cannot be used; what `signal` was aborted with; what
 * `consume` throws.
 */
export async function generate(
  job: Job,
  weights: WeightFiles,
  consume: (video: FrameStream) => Promise<void>,
  options: GenerateOptions = {},
): Promise<void> {
  const { onProgress, onNotice, signal } = options;
  const scene = await loadScene(job, { bodyPath: weights.body, onNotice });
  const report = stageReporter(onProgress);
  report("encoding", 0, 1);
  const background = await openBackground(job, onNotice);
  using models = await Models.load(weights, { device: job.device as Device });
  using latents = await makeLatents(job, { models, scene, background, report, signal });
  const { width, height, fps, frames } = job;
  const pictures = decodeLatents(models.vae, { latents, frames, width, height, fps }, {
    device: models.device,
    chunk: 1,
    onFrames: (done) => report("decoding", done, frames),
    signal,
  });
  await consume({ width, height, fps, frames: pictures });
}

interface LatentInputs {
  readonly models: Models;
  readonly scene: Scene;
  readonly background?: AsyncIterable<Uint8Array>;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

async function makeLatents(
  job: Job,
  { models, scene, background, report, signal }: LatentInputs,
): Promise<Tensor> {
  const { width, height } = job;
  const clip = { ...scene, width, height, background };
  const conditions = await encodeConditions(models, clip, { signal });
  report("encoding", 1, 1);
  try {
    return await sampleLatents(models.dit, conditions, {
      ...job,
      onStep: ({ step, of }) => report("sampling", step, of),
      signal,
    });
  } finally {
    disposeAll(conditions);
  }
}

type Report = (stage: GenerateProgress["stage"], done: number, of: number) => void;

function stageReporter(onProgress: GenerateOptions["onProgress"]): Report {
  let current: string | undefined;
  let since = performance.now();
  return (stage, done, of) => {
    // A stage's first report is made when its first piece is done, so it began when the last ended.
    const elapsedMs = performance.now() - since;
    onProgress?.({ stage, done, of, elapsedMs });
    if (done === of) since = performance.now();
    else if (stage !== current) current = stage;
  };
}
