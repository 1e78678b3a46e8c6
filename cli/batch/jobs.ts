/**
 * Reads and checks the file of a batch.
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { InputError, UsageError } from "../../lib/errors.ts";
import { readText } from "../../lib/io/mod.ts";
import {
  type BatchEntry,
  checkEntries,
  type LineProblem,
  parseJobsFile,
  sizedEntry,
} from "../../lib/batch/mod.ts";
import { type JobInput, mapJobPaths } from "../../lib/pipelines/job/mod.ts";
import { readJobFile, readRecord } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { drewSeed, type JobFlags, layFlags } from "../support/job_flags.ts";

/** A whole file of jobs may be this large. */
const MAX_BYTES = 2 ** 28;

/** How {@linkcode readBatch} reads. */
export interface ReadBatchOptions {
  /** Defaults of all jobs, and the name of their outputs. */
  readonly flags: JobFlags & { readonly name?: string };
  /** The folder of the results. */
  readonly out: string;
  /** Whether what the jobs name must be there. */
  readonly filesToo: boolean;
}

/**
 * The jobs of `file`, every one of them checked. All that is wrong is told, line by line, before
 * InputError is thrown.
 */
export async function readBatch(
  file: string,
  { flags, out, filesToo }: ReadBatchOptions,
  context: Context,
): Promise<BatchEntry[]> {
  const stdin = file === "-";
  const path = context.path(file);
  const folder = stdin ? context.path(".") : dirname(path);
  const text = stdin
    ? await new Response(Deno.stdin.readable).text()
    : await readText(path, { maxBytes: MAX_BYTES });
  const { entries, problems, wrong } = parseJobsFile(text, {
    ...{ out, flags: await flagDefaults(flags, context) },
    resolve: (name) => isAbsolute(name) ? name : join(folder, name),
  });
  const name = stdin ? "stdin" : file;
  const missing = filesToo ? await checkEntries([...entries, ...wrong]) : [];
  refuse(name, [...problems, ...missing], context);
  if (entries.length === 0) throw new InputError(`"${name}" holds no jobs`);
  return await Promise.all(entries.map(sizedEntry));
}

function refuse(name: string, problems: readonly LineProblem[], context: Context): void {
  if (problems.length === 0) return;
  const byLine = Map.groupBy(problems, ({ line }) => line);
  const sorted = [...byLine].sort(([a], [b]) => a - b).map(([line, all]) => ({
    line,
    message: all.map(({ message }) => message).join("; "),
  }));
  const lines = sorted.length;
  const [{ line, message }] = sorted;
  const all = lines === 1 ? "" : `${lines} lines are wrong, the first is `;
  if (lines > 1) {
    for (const { line, message } of sorted) {
      context.event("problem", { file: name, line, message }, `${name}:${line}: ${message}`);
    }
  }
  throw new InputError(`cannot use "${name}": ${all}line ${line}: ${message}`);
}

/** What the flags say of all jobs, with full paths. */
async function flagDefaults(
  flags: JobFlags & { readonly name?: string },
  context: Context,
): Promise<Partial<JobInput>> {
  if (flags.from !== undefined && flags.job !== undefined) {
    throw new UsageError("--from and --job both bring a job; give one of them");
  }
  if (drewSeed(flags)) {
    throw new UsageError("--seed random would be another seed each time: a batch needs a number");
  }
  const base: Partial<JobInput> = flags.from !== undefined
    ? (await readRecord(context.path(flags.from))).job
    : flags.job !== undefined
    ? await readJobFile(context.path(flags.job))
    : {};
  const { output: _, ...laid } = layFlags(base, flags);
  const { persons, ...full } = mapJobPaths(laid, context.path);
  return {
    ...full,
    ...(persons && persons.length > 0 ? { persons } : {}),
    ...(flags.name === undefined ? {} : { output: flags.name }),
  };
}
