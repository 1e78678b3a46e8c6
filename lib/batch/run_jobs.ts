/**
 * Takes jobs of a ledger one after another until none is left.
 * @module
 */
import { ConfigError, InputError, NativeError } from "../errors.ts";
import { exists } from "../io/mod.ts";
import { type Device, requireDevice } from "../tensor/mod.ts";
import type { GenerateProgress } from "../pipelines/generation/mod.ts";
import { inputFiles, type Job } from "../pipelines/job/mod.ts";
import { type HashedFile, resumePath, type Seal } from "../pipelines/record/mod.ts";
import { findJobWeights } from "../pipelines/weights/mod.ts";
import { FileHashes } from "./file_hashes.ts";
import type { BatchEntry } from "./jobs_file.ts";
import { Lease } from "./lease.ts";
import { LeaseWatch } from "./lease_watch.ts";
import type { Claim, Ledger } from "./ledger.ts";
import { makeJob } from "./make_job.ts";
import { ModelPool } from "./model_pool.ts";
import { type Owner, thisOwner } from "./owner.ts";

/** What happens to a job. */
export type JobEvent =
  & { readonly id: string }
  & (
    | { readonly kind: "begun"; readonly attempt: number }
    | ({ readonly kind: "progress" } & GenerateProgress)
    | { readonly kind: "notice"; readonly text: string }
    | { readonly kind: "done"; readonly output: string; readonly seconds: number }
    | { readonly kind: "failed"; readonly error: string; readonly again: boolean }
    | { readonly kind: "interrupted"; readonly resumable: boolean }
    | { readonly kind: "lost" }
  );

/** How {@linkcode runJobs} works. */
export interface RunJobsOptions {
  /** The batch's folder. */
  readonly folder: string;
  /** How often a job is tried again that failed for a reason that may pass. */
  readonly retries: number;
  /** Without a sign of life for so long, a job is free. */
  readonly leaseMs: number;
  /** Whether to wait for the jobs that other processes hold: they may vanish. */
  readonly wait?: boolean;
  /** Whom the ledger names; this process unless told. */
  readonly owner?: Owner;
  /** Signs what is written. */
  readonly seal?: Seal;
  readonly onEvent?: (event: JobEvent) => void;
  /** Told once when nothing is left but what others hold: by whom. */
  readonly onWait?: (owners: readonly string[]) => void;
  readonly signal?: AbortSignal;
}

/** Milliseconds between two looks at jobs that others hold. */
const POLL_MS = 1000;

/**
 * Makes jobs of `entries` that the ledger says are pending until none is, several processes beside
 * each other. A job that fails stops no other one.
 *
 * Throws what `signal` was aborted with, when the job at hand has been given back; InputError for a
 * device that this machine lacks, {@linkcode IoError} for a ledger that cannot be written.
 */
export async function runJobs(
  ledger: Ledger,
  entries: readonly BatchEntry[],
  options: RunJobsOptions,
): Promise<void> {
  const { leaseMs, wait = true, owner = thisOwner(), signal } = options;
  ledger.want(entries);
  if (ledger.counts().pending > 0) {
    for (const device of new Set(entries.map(({ job }) => job.device))) {
      requireDevice(device as Device);
    }
  }
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const watch = new LeaseWatch(leaseMs);
  using models = new ModelPool();
  using lease = new Lease(ledger.path, { leaseMs });
  const work = { ledger, lease, models, hashes: new FileHashes(ledger) };
  let waited = false;
  for (let last = "";;) {
    signal?.throwIfAborted();
    const claim = ledger.claim(owner, { watch, models: last });
    if (claim) {
      const entry = byId.get(claim.id)!;
      await runOne(entry, { ...work, claim }, options);
      last = entry.models;
    } else {
      const { pending, running } = ledger.counts();
      if (pending + running === 0 || !wait) return;
      if (!waited) options.onWait?.(holders(ledger, entries));
      waited = true;
      models.dispose();
      await pause(POLL_MS, signal);
    }
  }
}

/** Names of the processes that make jobs now. */
function holders(ledger: Ledger, entries: readonly BatchEntry[]): string[] {
  const running = ledger.rows(entries.map(({ id }) => id)).filter((row) => row.state === "running");
  return [...new Set(running.map(({ owner }) => owner!))];
}

interface Work {
  readonly ledger: Ledger;
  readonly claim: Claim;
  readonly lease: Lease;
  readonly models: ModelPool;
  readonly hashes: FileHashes;
}

async function runOne(
  { id, job, output }: BatchEntry,
  { ledger, claim, lease, models, hashes }: Work,
  { folder, retries, seal, onEvent, signal }: RunJobsOptions,
): Promise<void> {
  const lost = lease.hold(claim);
  onEvent?.({ kind: "begun", id, attempt: claim.attempt });
  try {
    const made = await makeJob(job, {
      ...{ hashes, models, folder, seal, wasCut: claim.cuts > 0 },
      signal: signal ? AbortSignal.any([signal, lost]) : lost,
      onProgress: (progress) => onEvent?.({ kind: "progress", id, ...progress }),
      onNotice: (text) => onEvent?.({ kind: "notice", id, text }),
    });
    const ours = ledger.finish(claim, made);
    onEvent?.(ours ? { kind: "done", id, output, seconds: made.seconds } : { kind: "lost", id });
  } catch (error) {
    if (lost.aborted) return onEvent?.({ kind: "lost", id });
    if (signal?.aborted) {
      ledger.release(claim);
      onEvent?.({ kind: "interrupted", id, resumable: await hasState(job) });
      throw error;
    }
    // What did not fit may fit when nothing else is there.
    if (error instanceof NativeError) models.dispose();
    const inputs = await inputHashes(job, hashes);
    failJob(ledger, claim, { error, retries, inputs, onEvent });
  } finally {
    lease.drop();
  }
}

interface Failure {
  readonly error: unknown;
  readonly retries: number;
  /** What the job has read: when it changes, the job may be tried again. */
  readonly inputs?: readonly HashedFile[];
  readonly onEvent?: (event: JobEvent) => void;
}

/** Ends a held job badly; it is pending once more where trying again may help. */
export function failJob(
  ledger: Ledger,
  claim: Claim,
  { error, retries, inputs, onEvent }: Failure,
): void {
  const [row] = ledger.rows([claim.id]);
  // A wrong input is wrong the next time too.
  const final = error instanceof InputError || error instanceof ConfigError;
  const again = !final && row.failures < retries;
  const text = error instanceof Error ? error.message : String(error);
  if (ledger.fail(claim, text, { again, inputs })) {
    onEvent?.({ kind: "failed", id: claim.id, error: text, again });
  } else onEvent?.({ kind: "lost", id: claim.id });
}

async function inputHashes(job: Job, hashes: FileHashes): Promise<HashedFile[]> {
  const weights = await findJobWeights(job.weights).catch(() => undefined);
  const found: HashedFile[] = [];
  for (const path of [...inputFiles(job), ...weights?.all ?? []]) {
    const sha256 = await hashes.hash(path).catch(() => undefined);
    if (sha256 !== undefined) found.push({ path, sha256 });
  }
  return found;
}

async function hasState({ output }: Job): Promise<boolean> {
  const path = resumePath(output);
  return path !== undefined && await exists(path);
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
