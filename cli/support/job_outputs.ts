/**
 * What a job reads and writes, for the check of outputs.
 * @module
 */
import { join } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import { type PlannedOutput, readJson } from "../../lib/io/mod.ts";
import { inputFiles, isFile, type Job } from "../../lib/pipelines/job/mod.ts";
import { findWeights, recordPath, resumePath } from "../../lib/pipelines/mod.ts";
import type { JobFlags } from "./job_flags.ts";

/** Every file and folder that a job and its flags read; paths of the job are full ones. */
export async function jobReads(
  job: Job,
  flags: Pick<JobFlags, "from" | "job" | "latents">,
  resolve: (path: string) => string,
): Promise<string[]> {
  const files = [flags.from, flags.job, flags.latents].filter((path) => path !== undefined)
    .map(resolve);
  const { from } = flags;
  // What is wrong with weights is said when they are loaded.
  const weights = await findWeights(job.weights).catch(() => undefined);
  return [
    ...inputFiles(job),
    ...weights?.all ?? [],
    ...files,
    ...(from === undefined ? [] : [recordPath(resolve(from))]),
  ];
}

/** Backgrounds that are no part of a job: those of `--over` and of single views. */
export function backgroundFiles(
  backgrounds: readonly string[],
  resolve: (path: string) => string,
): string[] {
  return backgrounds.filter(isFile.background).map(resolve);
}

/** A job's video with its record and the state that it can be gone on from. */
export function jobOutput(
  { output }: Pick<Job, "output">,
  { resume = false, flag = "-o" }: { readonly resume?: boolean; readonly flag?: string } = {},
): PlannedOutput {
  const state = resumePath(output);
  if (state === undefined) return { flag, path: output };
  const record = recordPath(output);
  return {
    flag,
    path: output,
    beside: [record, state],
    // The state is for `refuseState`.
    ours: async (path) => path === state || (resume && await isRecord(record)),
    renews: true,
  };
}

/** Names that a file of latents may have. */
export const tensorEndings: readonly string[] = [".safetensors", ".st"];

/** A file of tensors; writing it removes the index of an older one in shards. */
export function tensorOutput(flag: string, path: string): PlannedOutput {
  return { flag, path, beside: [`${path}.index.json`] };
}

/** Throws UsageError where an earlier run could be gone on with, and nobody said what to do. */
export async function refuseState(
  output: string,
  { resume, overwrite }: { readonly resume?: boolean; readonly overwrite?: boolean },
): Promise<void> {
  const state = resumePath(output);
  if (state === undefined || resume || overwrite) return;
  if (!await Deno.stat(state).then(() => true, () => false)) return;
  throw new UsageError(
    `"${state}" of an earlier run exists: --resume goes on with it, -y begins anew`,
  );
}

/** Whether a file is the record of something that isa4d has made. */
export async function isRecord(path: string, formats = GENERATED): Promise<boolean> {
  const record = await readJson(path).catch(() => undefined) as { format?: unknown } | undefined;
  return formats.some((format) => format === record?.format);
}

const GENERATED: readonly string[] = ["isa4d-generation", "isa4d-grid", "isa4d-grid-views"];

/** A folder's files by name, as outputs of one flag. */
export function filesIn(
  folder: string,
  names: readonly string[],
  output: Omit<PlannedOutput, "path">,
): PlannedOutput[] {
  return names.map((name) => ({ ...output, path: join(folder, name) }));
}
