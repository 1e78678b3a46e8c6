/**
 * Door of batches: files of jobs, the ledger that several processes share, and the loop that makes
 * one job after another.
 * @module
 */
export { checkEntries } from "./check.ts";
export { FileHashes } from "./file_hashes.ts";
export {
  type BatchEntry,
  type JobsFile,
  type JobsFileOptions,
  type LineProblem,
  parseJobsFile,
  sizedEntry,
} from "./jobs_file.ts";
export { LeaseWatch } from "./lease_watch.ts";
export { type Claim, Ledger, type LedgerEntry, type Made } from "./ledger.ts";
export type { JobState, LedgerRow, OutputFile } from "./ledger_rows.ts";
export { ModelPool } from "./model_pool.ts";
export { isGone, keyPrefix, type Owner, thisOwner } from "./owner.ts";
export { prepareBatch, type PrepareOptions } from "./prepare.ts";
export { failJob, type JobEvent, runJobs, type RunJobsOptions } from "./run_jobs.ts";
export { type Environment, parseShard, type Shard, takeShard } from "./shard.ts";
export { type SlurmOptions, slurmScript } from "./slurm.ts";
