/**
 * Whole commands in this process: what they print, where they end.
 * @module
 */
import { join } from "node:path";
import { main } from "../../cli/main.ts";
import { type Ended, root, run, type RunOptions } from "./commands.ts";

/** How a command ended and what it said. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandOptions {
  /** Where relative paths start. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Takes stdout instead of collecting it. */
  readonly writeOut?: (bytes: Uint8Array) => Promise<void>;
  /** Answers questions, as a user at a terminal. */
  readonly ask?: (question: string) => Promise<boolean>;
  /** Whether stdout is a terminal. */
  readonly outTerminal?: boolean;
}

/** Runs `isa4d args…` and collects its output; stderr is no terminal. */
export async function isa4d(
  args: readonly string[],
  { cwd = Deno.cwd(), signal = new AbortController().signal, writeOut, ask, outTerminal }:
    CommandOptions = {},
): Promise<CommandEnd> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let stderr = "";
  const code = await main(args, {
    writeOut: writeOut ?? ((bytes) => {
      chunks.push(bytes.slice());
      return Promise.resolve();
    }),
    writeErr: (text) => {
      stderr += text;
    },
    terminal: false,
    ...{ ask, outTerminal },
    cwd,
    signal,
  });
  return { code, stdout: await new Blob(chunks).bytes(), stderr };
}

/** Bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** How a command is run as a process of its own. */
export interface ProcessOptions extends RunOptions {
  /** Program and arguments that start it, such as `unshare -rm`. */
  readonly through?: readonly string[];
}

/** Runs `isa4d args…` as a process of its own, without type checks. */
export async function isa4dProcess(
  args: readonly string[],
  { through = [], ...options }: ProcessOptions = {},
): Promise<Ended> {
  const [program, ...rest] = [...through, ...isa4dCommand, ...args];
  return await run(program, rest, options);
}

/**
 * Program and first arguments of a real `isa4d`. The tests themselves may run as a task, which names
 * the user's folder in INIT_CWD; these commands stand in their own.
 */
export const isa4dCommand: readonly string[] = [
  "env",
  ...["-u", "INIT_CWD", Deno.execPath(), "run", "-A", "--no-check", join(root, "cli/main.ts")],
];
