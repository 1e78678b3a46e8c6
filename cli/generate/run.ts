/**
 * What `isa4d generate` does once its flags are read.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { ModelPool } from "../../lib/batch/mod.ts";
import type { PlannedOutput } from "../../lib/io/mod.ts";
import type { Job } from "../../lib/pipelines/job/mod.ts";
import {
  checkBackground,
  checkOutput,
  findJobWeights,
  type Seal,
  type StreamFormat,
} from "../../lib/pipelines/mod.ts";
import { inspectScene } from "../../lib/preview/mod.ts";
import type { Context } from "../support/context.ts";
import {
  drewSeed,
  type JobFlags,
  type RequestedJob,
  requestedJob,
  seedsOf,
} from "../support/job_flags.ts";
import {
  jobOutput,
  jobReads,
  refuseState,
  tensorEndings,
  tensorOutput,
} from "../support/job_outputs.ts";
import { requireInputs } from "../support/older_record.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "../support/outputs.ts";
import { refuseWarnings, reportWarnings } from "../support/scene_warnings.ts";
import { requestedSeal } from "../support/seal.ts";
import { makeVideo } from "./make_video.ts";
import { checkMatte, makeMatte } from "./matte.ts";
import { checkPreview, previewOutput } from "./preview_file.ts";
import { type Video, videosOf } from "./videos.ts";

/** All flags of `isa4d generate`. */
export interface GenerateFlags extends JobFlags, OverwriteFlag {
  readonly format?: StreamFormat;
  readonly printJob?: true;
  readonly saveLatents?: string;
  readonly resume?: true;
  readonly resumeEvery?: number;
  readonly over?: string[];
  readonly matte?: string;
  readonly strict?: true;
  readonly sign?: string;
  readonly previewFile?: string;
}

/** Makes the videos that the flags ask for and reports where they are. */
export async function runGenerate(flags: GenerateFlags, context: Context): Promise<void> {
  if (flags.resume && flags.latents !== undefined) {
    throw new UsageError(
      "--latents does not sample, so --resume has nothing to continue: leave one of them out",
    );
  }
  if (flags.previewFile !== undefined) checkPreview(flags.previewFile, flags);
  const seeds = seedsOf(flags);
  const one = seeds && { ...flags, seed: [[seeds[0]]] };
  const requested = await requestedJob(one ?? flags, context.path, { incomplete: flags.printJob });
  const { job } = requested;
  if (flags.printJob) return await printJobs(job, seeds, context);
  if (await samplesNothing(job)) refuseLatents(flags, job);
  if (flags.format && job.output !== "-") {
    throw new UsageError("--format is for stdout: add -o -, or leave it out");
  }
  if (flags.resume && job.output === "-") {
    throw new UsageError("--resume needs an output file: a stream to stdout cannot be continued");
  }
  if (flags.sign !== undefined && job.output === "-") {
    throw new UsageError("--sign signs a file: a stream to stdout cannot be signed");
  }
  if (flags.from !== undefined) await requireInputs(flags.from, { job });
  const videos = videosOf(job, { ...flags, seeds }, context);
  const replace = await checkFiles(videos, flags, context);
  for (const { job } of videos) {
    await checkBackground(job.background);
    await checkOutput(job.output, job, flags);
  }
  const seal = await requestedSeal(flags, context);
  if (drewSeed(flags)) context.event("seed", { seeds }, `seed ${seeds?.join(", ")}`);
  await makeVideos(videos, { flags, requested, replace, seal }, context);
}

/** Makes all videos with the models loaded once; the first is what `--from` and `--latents` speak of. */
async function makeVideos(
  videos: readonly Video[],
  { flags, requested, replace, seal }: {
    readonly flags: GenerateFlags;
    readonly seal?: Seal;
    readonly requested: RequestedJob;
    readonly replace: boolean;
  },
  context: Context,
): Promise<void> {
  using pool = new ModelPool();
  const several = videos.length > 1 || flags.matte !== undefined;
  const shared = {
    ...{ resume: flags.resume, every: flags.resumeEvery, replace, seal },
    preview: flags.previewFile && context.path(flags.previewFile),
    models: several ? pool : undefined,
  };
  for (const [index, { job, matte, saveLatents }] of videos.entries()) {
    const first = {
      ...{ format: flags.format, older: requested.record, latents: requested.latents },
      onScene: warnOf(job, flags, context),
    };
    const options = { ...shared, ...(index === 0 ? first : {}), saveLatents };
    const written = await makeVideo(job, options, context);
    if (matte !== undefined) {
      written.push(...await makeMatte(job, { path: matte, ...shared }, context));
    }
    for (const path of written) context.event("wrote", { path }, `wrote ${path}`);
  }
}

/** Prints the whole job, for each seed; where no output is given there is none in it. */
async function printJobs(
  job: Job,
  seeds: readonly number[] = [job.seed],
  context: Context,
): Promise<void> {
  for (const seed of seeds) {
    const output = job.output === "-" ? undefined : job.output;
    await context.print(JSON.stringify({ ...job, seed, output }, null, 2));
  }
}

function warnOf(
  job: Job,
  { strict }: Pick<GenerateFlags, "strict">,
  context: Context,
): NonNullable<Parameters<typeof makeVideo>[1]["onScene"]> {
  return async (scene) => {
    const { warnings } = await inspectScene(job, scene);
    reportWarnings(warnings, context);
    if (strict) refuseWarnings(warnings);
  };
}

/** Whether the job's weights have no ISA-DiT; what is wrong with them is said when they are loaded. */
async function samplesNothing({ weights }: Job): Promise<boolean> {
  const found = await findJobWeights(weights).catch(() => undefined);
  return found !== undefined && found.isaDit === undefined;
}

function refuseLatents(
  { latents, saveLatents, resume, previewFile }: GenerateFlags,
  { weights, lora, identity }: Job,
): void {
  const given = [
    ...latents === undefined ? [] : ["--latents"],
    ...saveLatents === undefined ? [] : ["--save-latents"],
    ...resume ? ["--resume"] : [],
    ...previewFile === undefined ? [] : ["--preview-file"],
    ...lora.length === 0 ? [] : ["--lora"],
    ...identity === undefined ? [] : ["--identity"],
  ];
  if (given.length === 0) return;
  throw new UsageError(
    `--weights ${weights} samples no latents: leave out ${
      given.join(" and ")
    }, or give --weights small`,
  );
}

/** Checks, before any work, that nothing of the user's is lost; returns whether files are replaced. */
async function checkFiles(
  videos: readonly Video[],
  flags: GenerateFlags,
  context: Context,
): Promise<boolean> {
  const { resume, overwrite, latents, previewFile } = flags;
  const outputs = videos.flatMap(({ job, flag, matte, saveLatents }): PlannedOutput[] => {
    if (saveLatents !== undefined) requireEnding("--save-latents", saveLatents, tensorEndings);
    if (matte !== undefined) checkMatte(matte, { latents });
    return [
      jobOutput(job, { resume, flag }),
      ...(matte === undefined ? [] : [{ flag: "--matte", path: matte }]),
      ...(saveLatents === undefined ? [] : [tensorOutput("--save-latents", saveLatents)]),
    ];
  });
  if (previewFile !== undefined) outputs.push(previewOutput(context.path(previewFile)));
  const inputs = await Promise.all(videos.map(({ job }) => jobReads(job, flags, context.path)));
  const replace = await checkOutputs(outputs, { inputs: inputs.flat(), overwrite }, context);
  for (const { job } of videos) await refuseState(job.output, { resume, overwrite: replace });
  return replace;
}
