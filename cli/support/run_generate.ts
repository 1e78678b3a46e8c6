/**
 * What `isa4d generate` does once its flags are read.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import type { RawFormat } from "../../lib/io/mod.ts";
import { inputFiles } from "../../lib/pipelines/job/mod.ts";
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
import { type JobFlags, type RequestedJob, requestedJob } from "./job_flags.ts";
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
  const weights = await findWeights(job.weights);
  await checkOlder(requested, weights.all, context);
  const record = await makeRecord(job, weights.all);
  await checkOutput(job.output);
  const progress = makeProgress(context);
  try {
    await generate(job, weights, async (frames) => {
      const stream = { format: flags.format ?? "y4m", write: context.io.writeOut };
      for (const path of await writeOutput(frames, { output: job.output, record, stream })) {
        context.notice(`wrote ${path}`);
      }
    }, {
      onProgress: ({ stage, ...state }) => progress.update({ label: stage, ...state }),
      onNotice: (text) => context.notice(`note: ${text}`),
      signal: context.signal,
    });
  } finally {
    progress.stop();
  }
}

/** For `--from`: the files must be what they were, but for those that flags have exchanged. */
async function checkOlder(
  { job, record }: RequestedJob,
  weights: readonly string[],
  context: Context,
): Promise<void> {
  if (!record) return;
  const current = new Set([...inputFiles(job), ...weights]);
  await checkRecord(record, (path) => current.has(path));
  for (const difference of differentVersions(record, await makeRecord(job, []))) {
    context.notice(`note: ${difference}; the video may come out differently`);
  }
}

function differentVersions(then: GenerationRecord, now: GenerationRecord): string[] {
  return Object.entries(now.versions)
    .filter(([name, version]) => then.versions[name] && then.versions[name] !== version)
    .map(([name, version]) => `made with ${name} ${then.versions[name]}, this is ${version}`);
}
