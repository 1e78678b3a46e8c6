/**
 * `--jobs N`: processes of this machine that take jobs. They learn the jobs from their stdin, and that
 * this process has ended from its end; what happens they tell on stderr, one JSON object a line.
 * @module
 */
import { fileURLToPath } from "node:url";
import { EnvironmentError, IsaError } from "../../lib/errors.ts";
import {
  type BatchEntry,
  failJob,
  type JobEvent,
  keyPrefix,
  Ledger,
  runJobs,
  type RunJobsOptions,
  thisOwner,
} from "../../lib/batch/mod.ts";
import type { Context } from "../support/context.ts";
import { requestedSeal } from "../support/seal.ts";
import { gpuEnvironment } from "./gpus.ts";

/** What a worker is told on the first line of its stdin. */
interface WorkerOrder {
  readonly ledger: string;
  readonly entries: readonly BatchEntry[];
  readonly options: Pick<RunJobsOptions, "folder" | "retries" | "leaseMs" | "wait">;
  /** Of `--sign`: each worker reads the key itself. */
  readonly sign?: string;
}

/** How {@linkcode runWorkers} works. */
export interface RunWorkersOptions extends RunJobsOptions {
  readonly count: number;
  /** CUDA devices, of which each worker sees one. */
  readonly gpus?: readonly string[];
  /** Of `--sign`. */
  readonly sign?: string;
  readonly onError: (text: string) => void;
  readonly context: Context;
}

/** Takes jobs as the order on stdin says, until they are done or the process that ordered them ends. */
export async function runWorker(context: Context): Promise<void> {
  const input = linesOf(Deno.stdin.readable);
  const order: WorkerOrder = JSON.parse((await input.next()).value ?? "");
  const gone = new AbortController();
  void input.next().then(() =>
    gone.abort(new Error("the process that started this one has ended"))
  );
  using ledger = Ledger.open(order.ledger, { create: false });
  await runJobs(ledger, order.entries, {
    ...order.options,
    seal: await requestedSeal(order, context),
    owner: thisOwner({ parent: Deno.ppid }),
    signal: AbortSignal.any([context.signal, gone.signal]),
    onEvent: (event) => context.io.writeErr(JSON.stringify({ event }) + "\n"),
  });
}

/**
 * Lets `count` processes make the jobs. A job whose process crashes has failed, and another process
 * takes the place of that one.
 *
 * @throws EnvironmentError where a process ends badly that held no job
 */
export async function runWorkers(
  ledger: Ledger,
  entries: readonly BatchEntry[],
  options: RunWorkersOptions,
): Promise<void> {
  const { count, context, folder, retries, leaseMs, wait, sign, signal } = options;
  ledger.want(entries);
  const work = ledger.counts().pending + ledger.counts().running;
  const order = JSON.stringify(
    {
      ...{ ledger: ledger.path, entries, options: { folder, retries, leaseMs, wait }, sign },
    } satisfies WorkerOrder,
  );
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / count));
  const env = {
    OMP_NUM_THREADS: Deno.env.get("OMP_NUM_THREADS") ?? String(threads),
    INIT_CWD: context.io.cwd,
  };
  const keepOne = async (slot: number) => {
    const own = { ...env, ...gpuEnvironment(options.gpus, slot) };
    for (;;) {
      const crashed = await runOnce(order, { ledger, env: own, ...options });
      if (!crashed || signal?.aborted) return;
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(count, Math.max(1, work)) }, (_, slot) => keepOne(slot)),
  );
  signal?.throwIfAborted();
  const failed = ends.find((end) => end.status === "rejected");
  if (failed && ledger.counts().pending > 0) throw failed.reason;
}

const mainPath = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Runs one worker to its end; true where it has crashed over a job. */
async function runOnce(
  order: string,
  { ledger, env, retries, onEvent, onError, context, signal }: RunWorkersOptions & {
    readonly ledger: Ledger;
    readonly env: Record<string, string>;
  },
): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", mainPath, "batch", "--worker"],
    ...{ cwd: context.io.cwd, stdin: "piped", stdout: "null", stderr: "piped", env },
  }).spawn();
  const stop = () => endChild(child);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  // It stays open: its end tells the worker that this process has ended.
  const input = child.stdin.getWriter();
  input.write(new TextEncoder().encode(order + "\n")).catch(() => {});
  try {
    const lastLine = await follow(child, onEvent);
    const status = await child.status;
    if (status.success || signal?.aborted) return false;
    const how = status.signal ? `by ${status.signal}` : `with exit code ${status.code}`;
    const said = lastLine.replace(/^isa4d[\w ]*: /, "");
    const text = `its process was ended ${how}${said === "" ? "" : `: ${said}`}`;
    const held = ledger.heldBy(keyPrefix(child.pid));
    if (held.length === 0) throw new EnvironmentError(`a worker: ${text}`);
    onError(`worker ${child.pid}: ${text}`);
    for (const { id, attempts: attempt, cuts, owner, ownerKey } of held) {
      const claim = { id, attempt, cuts, owner: { name: owner!, key: ownerKey! } };
      failJob(ledger, claim, { error: new IsaError(text), retries, onEvent });
    }
    return true;
  } finally {
    signal?.removeEventListener("abort", stop);
    input.close().catch(() => {});
  }
}

function endChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch { // it has ended
  }
}

/** Passes a worker's events on; returns its last line that was none. */
async function follow(
  child: Deno.ChildProcess,
  onEvent: ((event: JobEvent) => void) | undefined,
): Promise<string> {
  let lastLine = "";
  for await (const line of linesOf(child.stderr)) {
    const event = eventOf(line);
    if (event) onEvent?.(event);
    else if (line.trim() !== "") lastLine = line.trim();
  }
  return lastLine;
}

/** libtorch and ffmpeg may write to stderr too. */
function eventOf(line: string): JobEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line).event;
  } catch {
    return undefined;
  }
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
