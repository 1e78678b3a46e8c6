/**
 * What of a batch is to be done: jobs meet what the ledger knows of them.
 * @module
 */
import { InputError } from "../errors.ts";
import { inputFiles } from "../pipelines/job/mod.ts";
import { findJobWeights } from "../pipelines/weights/mod.ts";
import type { FileHashes } from "./file_hashes.ts";
import { type BatchEntry, recordHash } from "./jobs_file.ts";
import type { Ledger } from "./ledger.ts";
import type { LedgerRow } from "./ledger_rows.ts";
import { outputProblem, removeStale } from "./outputs.ts";

/** How {@linkcode prepareBatch} treats what it finds. */
export interface PrepareOptions {
  readonly hashes: FileHashes;
  /** The batch's folder. */
  readonly folder: string;
  /** Whether jobs that have failed for good are tried anew. */
  readonly retryFailed?: boolean;
  /** Told of each job that is made anew, and why. */
  readonly onRenew?: (id: string, reason: string) => void;
}

/**
 * Enters jobs into the ledger. Those that are done stay so while their record, inputs, weights and
 * outputs are what they were; the others become pending.
 *
 * @throws InputError for a job that another process makes right now from another record
 */
export async function prepareBatch(
  ledger: Ledger,
  entries: readonly BatchEntry[],
  options: PrepareOptions,
): Promise<void> {
  ledger.add(entries);
  const rows = new Map(ledger.rows(entries.map(({ id }) => id)).map((row) => [row.id, row]));
  for (const entry of entries) {
    const row = rows.get(entry.id)!;
    const reason = await reasonToRenew(entry, row, options);
    if (reason === undefined) continue;
    if (row.state === "running") {
      throw new InputError(
        `job "${entry.id}" of line ${entry.line} is being made from another record by ${row.owner}: wait for it, or give the new one another id`,
      );
    }
    if (!ledger.renew(entry, row) || row.attempts === 0) continue;
    options.onRenew?.(entry.id, reason);
    if (row.output === entry.output) await removeStale(entry.job, row.outputs, options.folder);
  }
}

async function reasonToRenew(
  entry: BatchEntry,
  row: LedgerRow,
  { hashes, folder, retryFailed }: PrepareOptions,
): Promise<string | undefined> {
  // A record of an older version lacks the fields that have come since.
  if (row.hash !== entry.hash && recordHash(JSON.parse(row.record)) !== entry.hash) {
    return "its record has changed";
  }
  if (row.state === "failed") {
    return retryFailed ? "it is tried anew" : await changedInput(entry, row, hashes);
  }
  if (row.state !== "done") return undefined;
  return await outputProblem(row.outputs, folder) ?? await changedInput(entry, row, hashes);
}

/** A video outlives its inputs: one that is gone changes nothing, one that has changed does. */
async function changedInput(
  { job }: BatchEntry,
  row: LedgerRow,
  hashes: FileHashes,
): Promise<string | undefined> {
  const weights = await findJobWeights(job.weights).catch(() => undefined);
  const known = new Map(row.inputs.map(({ path, sha256 }) => [path, sha256]));
  for (const path of [...inputFiles(job), ...weights?.all ?? []]) {
    const then = known.get(path);
    const now = then && await hashes.hash(path).catch(() => undefined);
    if (now !== undefined && then !== now) return `"${path}" has changed`;
  }
}
