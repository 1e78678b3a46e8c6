/**
 * What `isa4d generate` does once its flags are read.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import type { FrameStream, RawFormat } from "../../lib/io/mod.ts";
import { ModelPool } from "../../lib/pipelines/batch/mod.ts";
import { inputFiles, type Job } from "../../lib/pipelines/job/mod.ts";
import {
  checkBackground,
  checkOutput,
  findJobWeights,
  generate,
  generateFromLatents,
  type GenerateOptions,
  type GenerateProgress,
  type GenerationRecord,
  inspectScene,
  makeRecord,
  type ModelSource,
  readLatents,
  resumePath,
  writeOutput,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { type JobFlags, type RequestedJob, requestedJob } from "../support/job_flags.ts";
import {
  jobOutput,
  jobReads,
  refuseState,
  tensorEndings,
  tensorOutput,
} from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "../support/outputs.ts";
import { checkMatte, makeMatte, otherBackgrounds } from "./matte.ts";
import { checkUnchanged, requireInputs } from "../support/older_record.ts";
import { makeProgress } from "../support/progress.ts";
import { refuseWarnings, reportWarnings } from "../support/scene_warnings.ts";

/** All flags of `isa4d generate`. */
export interface GenerateFlags extends JobFlags, OverwriteFlag {
  readonly format?: RawFormat;
  readonly printJob?: true;
  readonly saveLatents?: string;
  readonly resume?: true;
  readonly resumeEvery?: number;
  readonly over?: string[];
  readonly matte?: string;
  readonly strict?: true;
}

/** Makes the video of the flags' job and tells where it is. */
export async function runGenerate(flags: GenerateFlags, context: Context): Promise<void> {
  if (flags.resume && flags.latents !== undefined) {
    throw new UsageError("--latents samples nothing that --resume could go on with: leave one out");
  }
  const requested = await requestedJob(flags, context.path);
  const { job } = requested;
  if (await samplesNothing(job)) refuseLatents(flags, job);
  if (flags.format && job.output !== "-") {
    throw new UsageError("--format is for stdout: add -o -, or leave it out");
  }
  if (flags.resume && job.output === "-") {
    throw new UsageError("--resume goes on with a file: a stream to stdout keeps nothing");
  }
  if (flags.printJob) return await context.print(JSON.stringify(job, null, 2));
  if (flags.from !== undefined) await requireInputs(flags.from, { job });
  const matte = flags.matte === undefined ? undefined : context.path(flags.matte);
  const saveLatents = flags.saveLatents === undefined ? undefined : context.path(flags.saveLatents);
  const others = otherBackgrounds(job, { over: flags.over, latents: flags.latents }, context);
  if (matte !== undefined) checkMatte(matte, requested);
  const replace = await checkFiles([job, ...others], { flags, matte, saveLatents }, context);
  for (const other of others) await checkBackground(other.background);
  for (const other of others) await checkOutput(other.output, other);
  using pool = new ModelPool();
  const models = others.length > 0 || matte !== undefined ? pool : undefined;
  const { resume, resumeEvery: every } = flags;
  const written = await makeVideo(job, {
    ...{ format: flags.format, older: requested.record, latents: requested.latents },
    ...{ resume, every, models, replace },
    saveLatents,
    onScene: async (scene) => {
      const { warnings } = await inspectScene(job, scene);
      reportWarnings(warnings, context);
      if (flags.strict) refuseWarnings(warnings);
    },
  }, context);
  for (const other of others) {
    written.push(...await makeVideo(other, { resume, every, models, replace }, context));
  }
  if (matte !== undefined) {
    written.push(...await makeMatte(job, { path: matte, replace, models }, context));
  }
  for (const path of written) context.event("wrote", { path }, `wrote ${path}`);
}

/** Whether the job's weights have no ISA-DiT; what is wrong with them is said when they are loaded. */
async function samplesNothing({ weights }: Job): Promise<boolean> {
  const found = await findJobWeights(weights).catch(() => undefined);
  return found !== undefined && found.isaDit === undefined;
}

function refuseLatents({ latents, saveLatents, resume }: GenerateFlags, { weights }: Job): void {
  const given = [
    ...latents === undefined ? [] : ["--latents"],
    ...saveLatents === undefined ? [] : ["--save-latents"],
    ...resume ? ["--resume"] : [],
  ];
  if (given.length === 0) return;
  throw new UsageError(`--weights ${weights} samples no latents: leave out ${given.join(" and ")}`);
}

/** Checks, before any work, that nothing of the user's is lost; returns whether files are replaced. */
async function checkFiles(
  jobs: readonly Job[],
  { flags, matte, saveLatents }: {
    readonly flags: GenerateFlags;
    readonly matte?: string;
    readonly saveLatents?: string;
  },
  context: Context,
): Promise<boolean> {
  if (saveLatents !== undefined) requireEnding("--save-latents", saveLatents, tensorEndings);
  const { resume } = flags;
  const outputs = [
    ...jobs.map((job, i) => jobOutput(job, { resume, flag: i === 0 ? "-o" : "--over" })),
    ...(matte === undefined ? [] : [{ flag: "--matte", path: matte }]),
    ...(saveLatents === undefined ? [] : [tensorOutput("--save-latents", saveLatents)]),
  ];
  const inputs = await Promise.all(jobs.map((job) => jobReads(job, flags, context.path)));
  const replace = await checkOutputs(
    outputs,
    { inputs: inputs.flat(), overwrite: flags.overwrite },
    context,
  );
  for (const { output } of jobs) await refuseState(output, { resume, overwrite: replace });
  return replace;
}

/** What a video is made with besides its job. */
export interface MakeVideoOptions {
  readonly format?: RawFormat;
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
  /** Looks at the geometry before a model is loaded. */
  readonly onScene?: GenerateOptions["onScene"];
}

/**
 * Makes a job's video, showing progress; returns the paths written. While it runs, its state is kept
 * beside the output, and stays there if it fails.
 */
export async function makeVideo(
  job: Job,
  options: MakeVideoOptions,
  context: Context,
): Promise<string[]> {
  const { format = "y4m", older, latents, saveLatents, resume, replace, every } = options;
  const weights = await findJobWeights(job.weights);
  if (older) await checkOlder(job, { older, weights: weights.all }, context);
  if (latents && weights.videoVae !== undefined) {
    await checkUnchanged(latents.record, { inputs: [], weights: [weights.videoVae] });
  }
  const record = latents ? { ...latents.record, job } : await makeRecord(job, weights.all);
  await checkOutput(job.output, job);
  const state = latents ? undefined : resumePath(job.output);
  const progress = makeProgress(context);
  const written: string[] = [];
  let begun = false;
  const consume = async (frames: FrameStream) => {
    const stream = { format, write: context.io.writeOut };
    written.push(...await writeOutput(frames, { output: job.output, record, replace, stream }));
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
        `what was sampled is kept in "${state}": the same command with --resume goes on`,
      );
    }
    throw error;
  } finally {
    progress.stop();
  }
  return saveLatents === undefined ? written : [...written, saveLatents];
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
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
