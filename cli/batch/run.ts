/**
 * What `isa4d batch` does once its flags are read.
 * @module
 */
import { IoError, IsaError, UsageError } from "../../lib/errors.ts";
import {
  type BatchEntry,
  FileHashes,
  Ledger,
  parseShard,
  prepareBatch,
  runJobs,
  type RunJobsOptions,
  takeShard,
} from "../../lib/batch/mod.ts";
import { describeEvent, endBatch, showStatus, teller } from "./report.ts";
import type { Context } from "../support/context.ts";
import type { JobFlags } from "../support/job_flags.ts";
import type { Seal } from "../../lib/pipelines/mod.ts";
import { requestedSeal } from "../support/seal.ts";
import type { OverwriteFlag } from "../support/outputs.ts";
import { parseGpus, VISIBLE } from "./gpus.ts";
import { readBatch } from "./jobs.ts";
import { checkBatchOutputs, ledgerPath } from "./outputs.ts";
import { submitBatch } from "./slurm.ts";
import { runWorker, runWorkers } from "./workers.ts";

/** All flags of `isa4d batch`. */
export interface BatchFlags extends JobFlags, OverwriteFlag {
  readonly name?: string;
  readonly check?: true;
  readonly status?: true;
  readonly json?: true;
  readonly jobs?: number;
  readonly gpus?: string;
  readonly retries?: number;
  readonly retryFailed?: true;
  readonly shard?: string;
  /** Commander gives true where `--no-wait` is absent. */
  readonly wait: boolean;
  readonly lease?: number;
  readonly slurm?: true;
  readonly tasks?: number;
  readonly sbatch?: string[];
  /** Commander gives true where `--no-submit` is absent. */
  readonly submit: boolean;
  readonly worker?: true;
  readonly sign?: string;
}

/** A command line of `isa4d batch`. */
export interface BatchRequest {
  /** The jobs; `-` for stdin. */
  readonly file?: string;
  readonly flags: BatchFlags;
  /** As they were typed, for a script that types them again. */
  readonly args: readonly string[];
}

/** How long a step may take to end after ctrl-C, before its state is lost. */
const FAREWELL_MS = 15 * 60_000;

/** Makes a batch, or checks, shows or submits it. */
export async function runBatch(request: BatchRequest, context: Context): Promise<void> {
  const { file, flags } = request;
  if (flags.worker) return await runWorker(context);
  if (flags.output === undefined && !flags.check) throw new UsageError("missing --output FOLDER");
  // Whether so many are there is asked where the workers start: a Slurm task has others.
  if (flags.gpus !== undefined) parseGpus(flags.gpus, undefined);
  const out = context.path(flags.output ?? ".");
  const read = () => {
    if (file === undefined) throw new UsageError("missing the file of jobs, or - for stdin");
    // A worker sees its device alone, by whatever number.
    const device = flags.device ?? (flags.gpus === undefined ? undefined : "cuda");
    return readBatch(file, { flags: { ...flags, device }, out, filesToo: !flags.status }, context);
  };
  if (flags.status) {
    const entries = file === undefined ? undefined : (await read()).map(({ id }) => id);
    using ledger = Ledger.open(ledgerPath(out), { create: false });
    return await showStatus(ledger, { out, json: flags.json, ids: entries }, context);
  }
  const entries = await read();
  if (flags.output !== undefined) await checkBatchOutputs(entries, { file, flags, out }, context);
  // Before hours of work, also for those who will do it.
  const seal = await requestedSeal(flags, context);
  if (flags.check) return context.notice(`${entries.length} jobs, nothing wrong`);
  if (flags.slurm || !flags.submit) {
    return await submitBatch({ ...request, out, jobs: entries.length }, context);
  }
  await makeBatch(entries, { flags, out, seal }, context);
}

async function makeBatch(
  entries: readonly BatchEntry[],
  { flags, out, seal }: {
    readonly flags: BatchFlags;
    readonly out: string;
    readonly seal?: Seal;
  },
  context: Context,
): Promise<void> {
  const { shard, retries = 1, json } = flags;
  const gpus = flags.gpus === undefined ? undefined : parseGpus(flags.gpus, Deno.env.get(VISIBLE));
  const jobs = flags.jobs ?? gpus?.length;
  const own = shard === undefined
    ? entries
    : takeShard(entries, parseShard(shard, Deno.env.toObject()));
  await makeFolder(out);
  using ledger = Ledger.open(ledgerPath(out));
  const hashes = new FileHashes(ledger);
  await prepareBatch(ledger, own, {
    ...{ hashes, folder: out, retryFailed: flags.retryFailed },
    onRenew: (id, reason) => context.notice(`${id}: made anew: ${reason}`),
  });
  ledger.want(own);
  const before = ledger.counts();
  context.io.allowTimeToEnd?.(FAREWELL_MS);
  context.signal.addEventListener("abort", () => context.notice(describeEvent.stopping));
  using tell = teller(context, {
    ...{ done: before.done, of: own.length, several: (jobs ?? 1) > 1 },
  });
  const options: RunJobsOptions = {
    ...{ folder: out, retries, wait: flags.wait, signal: context.signal },
    leaseMs: (flags.lease ?? 60) * 1000,
    onEvent: tell.event,
    onWait: (owners) => context.notice(`waiting for what ${owners.join(", ")} may leave`),
  };
  try {
    if (jobs === undefined) await runJobs(ledger, own, { ...options, seal });
    else {await runWorkers(ledger, own, {
        ...options,
        count: jobs,
        gpus,
        sign: flags.sign,
        onError: tell.error,
        context,
      });}
  } finally {
    tell.stop();
    const ids = own.map(({ id }) => id);
    await endBatch(ledger, { out, ids, json, before: before.done }, context);
  }
  failIfAny(ledger, own.length);
}

function failIfAny(ledger: Ledger, of: number): void {
  const { failed } = ledger.counts();
  if (failed === 0) return;
  throw new IsaError(
    `${failed} of ${of} jobs failed; --retry-failed tries them again, a changed job or input too`,
  );
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    const reason = (cause as Error).message.replace(/ \(os error \d+\).*$/s, "");
    throw new IoError(`cannot make the folder "${path}": ${reason}`, { cause });
  }
}
