/**
 * What a job reads and writes, for the check of outputs.
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { sidecarsOf } from "../../lib/credentials/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import { exists, type PlannedOutput, readJson } from "../../lib/io/mod.ts";
import { readGridRecord } from "../../lib/pipelines/grid/mod.ts";
import { inputFiles, type Job } from "../../lib/pipelines/job/mod.ts";
import { findJobWeights, readRecord, recordPath, resumePath } from "../../lib/pipelines/mod.ts";
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
  const weights = await findJobWeights(job.weights).catch(() => undefined);
  return [
    ...inputFiles(job),
    ...weights?.all ?? [],
    ...files,
    ...(from === undefined ? [] : [recordPath(resolve(from))]),
  ];
}

/** Every file that lies behind a result: its record, its metrics, views, and what it was made from. */
export async function resultReads(path: string): Promise<string[]> {
  const record = recordPath(path);
  const files = [path, record, `${path}.metrics.json`];
  const made = await readRecord(path).catch(() => readGridRecord(path)).catch(() => undefined);
  for (const { path: read } of [...made?.inputs ?? [], ...made?.weights ?? []]) {
    files.push(resolve(dirname(path), read));
  }
  if (!path.endsWith(".json")) return files;
  files.push(path.slice(0, -".json".length));
  const list = listSchema.safeParse(await readJson(path).catch(() => undefined));
  if (!list.success) return files;
  const named = [list.data.record, list.data.mosaic.file, ...list.data.views.map((v) => v.file)];
  return [...files, ...named.map((name) => resolve(dirname(path), name))];
}

/** The list of a grid's views. */
const listSchema = z.object({
  format: z.literal("isa4d-grid-views"),
  record: z.string(),
  mosaic: z.object({ file: z.string() }),
  views: z.array(z.object({ file: z.string() })),
});

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
    beside: [record, state, ...sidecarsOf(output)],
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
  if (!await exists(state)) return;
  throw new UsageError(
    `"${state}" of an earlier run exists: --resume continues it, -y starts over`,
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
