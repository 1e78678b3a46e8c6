/**
 * One video of `isa4d generate`, with progress on stderr.
 * @module
 */
import { exists, type FrameStream, isSequencePattern, sequencePath } from "../../lib/io/mod.ts";
import { inputFiles, type Job } from "../../lib/pipelines/job/mod.ts";
import {
  carriesCredentials,
  checkOutput,
  findJobWeights,
  generate,
  generateFromLatents,
  type GenerateOptions,
  type GenerateProgress,
  type GenerationRecord,
  hashAll,
  makeRecord,
  type ModelSource,
  originOf,
  readLatents,
  resumePath,
  type Seal,
  type StreamFormat,
  withDtypeLeft,
  writeOutput,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import type { RequestedJob } from "../support/job_flags.ts";
import { checkUnchanged } from "../support/older_record.ts";
import { makeProgress } from "../support/progress.ts";
import { trackVideos } from "../support/track_videos.ts";

/** What a video is made with besides its job. */
export interface MakeVideoOptions {
  readonly format?: StreamFormat;
  /** The record that `--from` took the job from. */
  readonly older?: GenerationRecord;
  /** Latents that are decoded; nothing is sampled. */
  readonly latents?: RequestedJob["latents"];
  /** Where the latents stay. */
  readonly saveLatents?: string;
  /** Goes on with what an earlier run of the same job left. */
  readonly resume?: boolean;
  /** Steps from one saved state to the next. */
  readonly every?: number;
  /** Removes pictures of an older, longer sequence. */
  readonly replace?: boolean;
  /** Keeps models for the next video. */
  readonly models?: ModelSource;
  /** Path of a file that shows the clip while it is sampled. */
  readonly preview?: string;
  /** Signs what is written. */
  readonly seal?: Seal;
  /** Looks at the geometry before a model is loaded. */
  readonly onScene?: GenerateOptions["onScene"];
}

/**
 * Makes a job's video, showing progress; returns the paths written. While it runs, its state is kept
 * beside the output, and stays there if it fails.
 */
export async function makeVideo(
  given: Job,
  options: MakeVideoOptions,
  context: Context,
): Promise<string[]> {
  const { format = "y4m", older, latents, saveLatents, resume, replace, every, seal, preview } =
    options;
  const job = await withDtypeLeft(given, resume ? resumePath(given.output) : undefined);
  const weights = await findJobWeights(job.weights);
  if (older) await checkOlder(job, { older, weights: weights.all }, context);
  if (latents && weights.videoVae !== undefined) {
    await checkUnchanged(latents.record, { inputs: [], weights: [weights.videoVae] });
  }
  const record = latents
    ? await decodedAgain(latents.record, job)
    : await makeRecord(job, weights.all);
  await checkOutput(job.output, job, { format });
  if (!seal) await tellOfCredentials(record, context);
  await trackVideos(job, context);
  const state = latents ? undefined : resumePath(job.output);
  const progress = makeProgress(context);
  const written: string[] = [];
  let begun = false;
  const consume = async (frames: FrameStream) => {
    const stream = { format, write: context.io.writeOut };
    written.push(
      ...await writeOutput(frames, { output: job.output, record, replace, seal, stream }),
    );
  };
  const generating = {
    files: { record, state, every, resume, latents: saveLatents },
    onProgress: ({ stage, ...rest }: GenerateProgress) => {
      begun = true;
      progress.update({ label: stage, ...rest });
    },
    onNotice: (text: string) => context.warn(text),
    signal: context.signal,
    models: options.models,
    preview: preview === undefined
      ? undefined
      : { path: preview, output: fileOf(job), origin: await originOf(record) },
    onScene: options.onScene,
  };
  try {
    if (latents && weights.videoVae !== undefined) {
      const stored = await readLatents(latents.path);
      const { videoVae } = weights;
      await generateFromLatents(job, { ...weights, videoVae }, stored, consume, generating);
    } else await generate(job, weights, consume, generating);
  } catch (error) {
    progress.stop();
    if (begun && state && await exists(state)) {
      context.warn(
        `what was sampled is kept in "${state}": run the same command with --resume to continue`,
      );
    }
    throw error;
  } finally {
    progress.stop();
  }
  return saveLatents === undefined ? written : [...written, saveLatents];
}

/** The file that a preview names as its result: of numbered pictures the first, of a stream none. */
function fileOf({ output }: Job): string | undefined {
  if (output === "-") return undefined;
  return isSequencePattern(output) ? sequencePath(output, 1) : output;
}

/** The record of stored latents, with the job's own sound among its inputs. */
async function decodedAgain(there: GenerationRecord, job: Job): Promise<GenerationRecord> {
  const known = new Set(there.inputs.map(({ path }) => path));
  const sound = inputFiles(job).filter((path) => path === job.audio && !known.has(path));
  return { ...there, job, inputs: [...there.inputs, ...await hashAll(sound)] };
}

/** Credentials of inputs stay in a signed result alone. */
async function tellOfCredentials(
  { inputs }: GenerationRecord,
  context: Context,
): Promise<void> {
  for (const { path } of inputs) {
    if (!await carriesCredentials(path)) continue;
    context.notice(`"${path}" carries Content Credentials, which stay in a signed result: --sign`);
  }
}

/** For `--from`: the files must be what they were, but for those that flags have exchanged. */
async function checkOlder(
  job: Job,
  { older, weights }: { readonly older: GenerationRecord; readonly weights: readonly string[] },
  context: Context,
): Promise<void> {
  const same = job.weights === older.job.weights;
  await checkUnchanged(older, { inputs: inputFiles(job), weights: same ? weights : [] });
  for (const difference of differentVersions(older, await makeRecord(job, []))) {
    context.warn(`${difference}; the video may come out differently`);
  }
}

function differentVersions(then: GenerationRecord, now: GenerationRecord): string[] {
  return Object.entries(now.versions)
    .filter(([name, version]) => then.versions[name] && then.versions[name] !== version)
    .map(([name, version]) => `made with ${name} ${then.versions[name]}, this is ${version}`);
}
