/**
 * What `isa4d generate` does once its flags are read.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import type { RawFormat } from "../../lib/io/mod.ts";
import { inputFiles, type Job } from "../../lib/pipelines/job/mod.ts";
import {
  checkOutput,
  checkRecord,
  findWeights,
  generate,
  type GenerationRecord,
  makeRecord,
  writeOutput,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "./context.ts";
import { type JobFlags, requestedJob } from "./job_flags.ts";
import { makeProgress } from "./progress.ts";

/** All flags of `isa4d generate`. */
export interface GenerateFlags extends JobFlags {
  readonly format?: RawFormat;
  readonly printJob?: true;
}

/** Makes the video of the flags' job and tells where it is. */
export async function runGenerate(flags: GenerateFlags, context: Context): Promise<void> {
  const requested = await requestedJob(flags, context.path);
  const { job } = requested;
  if (flags.format && job.output !== "-") {
    throw new UsageError("--format is for stdout: add -o -, or leave it out");
  }
  if (flags.printJob) return await context.print(JSON.stringify(job, null, 2));
  const written = await makeVideo(job, { format: flags.format, older: requested.record }, context);
  for (const path of written) context.event("wrote", { path }, `wrote ${path}`);
}

/** What a video is made with besides its job. */
export interface MakeVideoOptions {
  readonly format?: RawFormat;
  /** The record that `--from` took the job from. */
  readonly older?: GenerationRecord;
}

/** Makes a job's video, showing progress; returns the paths written. */
export async function makeVideo(
  job: Job,
  { format = "y4m", older }: MakeVideoOptions,
  context: Context,
): Promise<string[]> {
  const weights = await findWeights(job.weights);
  if (older) await checkOlder(job, { older, weights: weights.all }, context);
  const record = await makeRecord(job, weights.all);
  await checkOutput(job.output);
  const progress = makeProgress(context);
  let written: string[] = [];
  try {
    await generate(job, weights, async (frames) => {
      const stream = { format, write: context.io.writeOut };
      written = await writeOutput(frames, { output: job.output, record, stream });
    }, {
      onProgress: ({ stage, ...state }) => progress.update({ label: stage, ...state }),
      onNotice: (text) => context.warn(text),
      signal: context.signal,
    });
  } finally {
    progress.stop();
  }
  return written;
}

/** For `--from`: the files must be what they were, but for those that flags have exchanged. */
async function checkOlder(
  job: Job,
  { older, weights }: { readonly older: GenerationRecord; readonly weights: readonly string[] },
  context: Context,
): Promise<void> {
  const current = new Set([...inputFiles(job), ...weights]);
  await checkRecord(older, (path) => current.has(path));
  for (const difference of differentVersions(older, await makeRecord(job, []))) {
    context.warn(`${difference}; the video may come out differently`);
  }
}

function differentVersions(then: GenerationRecord, now: GenerationRecord): string[] {
  return Object.entries(now.versions)
    .filter(([name, version]) => then.versions[name] && then.versions[name] !== version)
    .map(([name, version]) => `made with ${name} ${then.versions[name]}, this is ${version}`);
}
