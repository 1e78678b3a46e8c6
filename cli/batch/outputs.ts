/**
 * The outputs of a batch before it begins: none is an input of any line, and none replaces a file that
 * the batch has not made itself.
 * @module
 */
import { join } from "node:path";
import { type BatchEntry, Ledger, type LedgerRow } from "../../lib/batch/mod.ts";
import { exists } from "../../lib/io/mod.ts";
import { inputFiles } from "../../lib/pipelines/job/mod.ts";
import { findWeights } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import type { JobFlags } from "../support/job_flags.ts";
import { jobOutput } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag } from "../support/outputs.ts";

/** What the jobs of a batch come from. */
export interface BatchSource {
  /** The file of jobs; `-` for stdin. */
  readonly file?: string;
  readonly flags: JobFlags & OverwriteFlag;
  /** The batch's folder. */
  readonly out: string;
}

/** Throws UsageError for the first line whose output may not be written. */
export async function checkBatchOutputs(
  entries: readonly BatchEntry[],
  { file, flags, out }: BatchSource,
  context: Context,
): Promise<void> {
  let rows: Promise<ReadonlyMap<string, LedgerRow>> | undefined;
  const begun = async ({ id, output }: BatchEntry): Promise<boolean> => {
    rows ??= rowsOf(entries, ledgerPath(out));
    const row = (await rows).get(id);
    return row !== undefined && row.attempts > 0 && row.output === output;
  };
  const outputs = entries.map((entry) => ({
    ...jobOutput(entry.job, { flag: `line ${entry.line}: output` }),
    ours: () => begun(entry),
    renews: true,
  }));
  const given = [file === "-" ? undefined : file, flags.job, flags.from];
  const inputs = [
    ...entries.flatMap(({ job }) => inputFiles(job)),
    ...await weightsOf(entries),
    ...given.filter((path) => path !== undefined).map(context.path),
  ];
  await checkOutputs(outputs, { inputs, overwrite: flags.overwrite }, context);
}

/** What earlier runs, or others right now, know of the jobs. */
async function rowsOf(
  entries: readonly BatchEntry[],
  path: string,
): Promise<ReadonlyMap<string, LedgerRow>> {
  if (!await exists(path)) return new Map();
  using ledger = Ledger.open(path, { create: false });
  return new Map(ledger.rows(entries.map(({ id }) => id)).map((row) => [row.id, row]));
}

/** What is wrong with weights is said when their job fails. */
async function weightsOf(entries: readonly BatchEntry[]): Promise<string[]> {
  const names = new Set(entries.map(({ job }) => job.weights));
  const found = await Promise.all(
    [...names].map((name) => findWeights(name).then(({ all }) => all, () => [])),
  );
  return found.flat();
}

/** Where a batch keeps its ledger. */
export function ledgerPath(out: string): string {
  return join(out, "batch.sqlite");
}
