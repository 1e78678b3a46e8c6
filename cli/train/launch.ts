/**
 * `--nproc N`: the same command line in N processes of this machine, as one run.
 * @module
 */
import { fileURLToPath } from "node:url";
import { EnvironmentError } from "../../lib/errors.ts";
import type { Context } from "../support/context.ts";

/** Names the process that started this one as a rank. */
const LAUNCHER = "ISA4D_LAUNCHER";

/** How long ranks may take to end by themselves when one of them has failed. */
const END_MS = 2000;

/** Whether this process is a rank already. */
export function hasLauncher(): boolean {
  return Deno.env.get(LAUNCHER) !== undefined;
}

/** Aborted when the process that started this rank has died; never for a process alone. */
export function launcherGone(): AbortSignal {
  const controller = new AbortController();
  const launcher = Number(Deno.env.get(LAUNCHER));
  if (launcher > 0) {
    const timer = setInterval(() => {
      if (Deno.ppid !== launcher) controller.abort(new Error("the launcher has ended"));
    }, 1000);
    timer.unref();
  }
  return controller.signal;
}

/** How one rank ended. */
interface RankEnd {
  readonly rank: number;
  readonly status: Deno.CommandStatus;
  /** The last line that it wrote to stderr. */
  readonly lastLine: string;
}

interface Rank {
  readonly child: Deno.ChildProcess;
  readonly end: Promise<RankEnd>;
}

/**
 * Runs this command line in `count` processes and waits for them. Their stderr comes line by line
 * under their ranks' names. Where one fails, the others are ended and its last words are thrown.
 */
export async function launchRanks(count: number, context: Context): Promise<void> {
  const port = freePort();
  const ranks = Array.from(
    { length: count },
    (_, rank) => startRank(rank, { count, port, context }),
  );
  const stop = () => kill(ranks, "SIGTERM");
  context.signal.addEventListener("abort", stop);
  try {
    await Promise.all(ranks.map(async ({ end }) => {
      const ended = await end;
      if (!ended.status.success && !context.signal.aborted) throw failure(ended);
    }));
    context.signal.throwIfAborted();
  } finally {
    context.signal.removeEventListener("abort", stop);
    await endAll(ranks);
  }
}

function startRank(
  rank: number,
  { count, port, context }: {
    readonly count: number;
    readonly port: number;
    readonly context: Context;
  },
): Rank {
  const threads = Math.max(1, Math.floor(navigator.hardwareConcurrency / count));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", mainPath, ...argumentsWithout("--nproc", Deno.args)],
    cwd: context.io.cwd,
    stdin: "null",
    stdout: rank === 0 ? "inherit" : "null",
    stderr: "piped",
    env: {
      OMP_NUM_THREADS: Deno.env.get("OMP_NUM_THREADS") ?? String(threads),
      INIT_CWD: context.io.cwd,
      RANK: String(rank),
      LOCAL_RANK: String(rank),
      WORLD_SIZE: String(count),
      MASTER_ADDR: "127.0.0.1",
      MASTER_PORT: String(port),
      [LAUNCHER]: String(Deno.pid),
    },
  }).spawn();
  return { child, end: follow(rank, child, context) };
}

const mainPath = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Passes a rank's stderr on, and tells how it ended. */
async function follow(
  rank: number,
  child: Deno.ChildProcess,
  { io, log }: Context,
): Promise<RankEnd> {
  let lastLine = "";
  let rest = "";
  const prefix = log === "json" ? "" : `[rank ${rank}] `;
  const tell = (line: string) => {
    if (line.trim() === "") return;
    lastLine = line;
    io.writeErr(`${prefix}${line}\n`);
  };
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(tell);
  }
  tell(rest);
  return { rank, status: await child.status, lastLine };
}

function failure({ rank, status, lastLine }: RankEnd): EnvironmentError {
  const how = status.signal
    ? `was ended by ${status.signal}`
    : `ended with exit code ${status.code}`;
  const words = lastLine.replace(/^isa4d[\w ]*: /, "");
  // A rank that ends because of another one has said so.
  if (/^rank \d+ /.test(words)) return new EnvironmentError(words);
  return new EnvironmentError(`rank ${rank} ${how}${words === "" ? "" : `: ${words}`}`);
}

async function endAll(ranks: readonly Rank[]): Promise<void> {
  kill(ranks, "SIGTERM");
  const timer = setTimeout(() => kill(ranks, "SIGKILL"), END_MS);
  await Promise.all(ranks.map(({ end }) => end));
  clearTimeout(timer);
}

function kill(ranks: readonly Rank[], signal: Deno.Signal): void {
  for (const { child } of ranks) {
    try {
      child.kill(signal);
    } catch { // it has ended
    }
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Arguments without a flag and its value, in both spellings. */
function argumentsWithout(flag: string, args: readonly string[]): string[] {
  return args.filter((arg, i) =>
    arg !== flag && args[i - 1] !== flag && !arg.startsWith(`${flag}=`)
  );
}
