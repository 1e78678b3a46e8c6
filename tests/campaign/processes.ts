/**
 * Commands as processes that can be found again, with all that they have started.
 * @module
 */
import { isa4dCommand } from "../support/cli.ts";

/** The variable by which processes of one run are known. */
const MARK = "ISA4D_CAMPAIGN_RUN";
let runs = 0;

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A command that runs. */
export interface Running {
  readonly pid: number;
  readonly end: Promise<Ended>;
  /** Those that it started, and itself, that are there now. */
  left(): number[];
  kill(signal: Deno.Signal): void;
}

/** Starts a program; its words may begin with others that start it. */
export function startProgram(
  words: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Running {
  const mark = `${Deno.pid}-${runs++}`;
  const started = performance.now();
  const child = new Deno.Command(words[0], {
    args: words.slice(1),
    ...{ cwd, stdin: "null", stdout: "piped", stderr: "piped" },
    env: { OMP_NUM_THREADS: "1", NO_COLOR: "1", ...env, [MARK]: mark },
  }).spawn();
  const text = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream).text();
  const end = (async (): Promise<Ended> => {
    const [{ code, signal }, stdout, stderr] = await Promise.all([
      child.status,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, signal, stdout, stderr, ms: performance.now() - started };
  })();
  return {
    ...{ pid: child.pid, end, left: () => marked(mark) },
    kill: (signal) => {
      try {
        child.kill(signal);
      } catch { // it has ended
      }
    },
  };
}

/** Starts `isa4d args…`. */
export function startIsa4d(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Running {
  return startProgram([...isa4dCommand, ...args], options);
}

/** Processes that carry a mark, zombies left out. */
function marked(mark: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/environ`).includes(`${MARK}=${mark}\0`)) {
        found.push(Number(name));
      }
    } catch { // it has ended
    }
  }
  return found;
}

/** Waits. */
export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Processor time of a process, milliseconds; 0 once it has ended. */
export function processorMs(pid: number): number {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}
