/**
 * What a command gets from the outside world. Tests hand in their own, so that a whole command runs
 * in-process without touching the terminal.
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import { StdoutClosed } from "./errors.ts";
import { type LogEntry, type LogFormat, logLine } from "./log.ts";

/** Where bytes and lines go, and where the user stands. */
export interface Io {
  /** Writes data to stdout; rejects with `StdoutClosed` when the reader has gone. */
  writeOut(bytes: Uint8Array): Promise<void>;
  /** Writes text for people to stderr; never throws. */
  writeErr(text: string): void;
  /** True where stderr is a terminal, so that a progress bar may move. */
  readonly terminal: boolean;
  /** True where stdout is a terminal, which bytes would garble. */
  readonly outTerminal?: boolean;
  /** Asks the user a question of yes or no; missing where nobody can answer. */
  readonly ask?: (question: string) => Promise<boolean>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Aborted by ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks for more than the usual time between ctrl-C and the end. */
  allowTimeToEnd?(ms: number): void;
}

/** The `Io` and the global flags, as one command sees them. */
export interface Context {
  readonly io: Io;
  /** Set by `--quiet`: no progress and no notices, errors only. */
  readonly quiet: boolean;
  /** Set by `--verbose`: errors come with stack and cause. */
  readonly verbose: boolean;
  /** Set by `--log`: whether stderr is for people or for programs. */
  readonly log: LogFormat;
  /** Aborted by ctrl-C; commands hand it to their loops. */
  readonly signal: AbortSignal;
  /** Makes a path the user's: relative ones start where the user stands. */
  path(path: string): string;
  /** Prints one line of data on stdout. */
  print(line: string): Promise<void>;
  /** Tells the user something on stderr, unless `--quiet`. */
  notice(line: string): void;
  /** As `notice`, for what may explain a surprising result. */
  warn(text: string): void;
  /** As `notice`, with numbers: people read `line`, programs the fields under the event's name. */
  event(name: string, fields: Readonly<Record<string, unknown>>, line: string): void;
}

/** Flags that every command has. */
export interface GlobalFlags {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly log?: LogFormat;
}

/** Joins the streams and the global flags to what a command works with. */
export function makeContext(io: Io, flags: GlobalFlags): Context {
  const { quiet = false, log = "text" } = flags;
  const tell = (line: string, entry: LogEntry) => {
    if (!quiet) io.writeErr(log === "json" ? logLine(entry) : line + "\n");
  };
  return {
    io,
    quiet,
    verbose: flags.verbose ?? false,
    log,
    signal: io.signal,
    path: (path) => isAbsolute(path) ? path : resolve(io.cwd, path),
    print: (line) => io.writeOut(new TextEncoder().encode(line + "\n")),
    notice: (line) => tell(line, { level: "info", event: "notice", fields: { message: line } }),
    warn: (text) =>
      tell(`note: ${text}`, { level: "warning", event: "warning", fields: { message: text } }),
    event: (name, fields, line) => tell(line, { level: "info", event: name, fields }),
  };
}

/** The process's own streams; `INIT_CWD` wins over the working folder, which `deno task` changes. */
export function processIo(signal: AbortSignal): Io {
  const answers = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
  return {
    async writeOut(bytes) {
      try {
        for (let done = 0; done < bytes.length;) {
          done += await Deno.stdout.write(bytes.subarray(done));
        }
      } catch (cause) {
        if (!(cause instanceof Deno.errors.BrokenPipe)) throw cause;
        throw new StdoutClosed("stdout was closed by its reader", { cause });
      }
    },
    writeErr(text) {
      const bytes = new TextEncoder().encode(text);
      try {
        for (let done = 0; done < bytes.length;) {
          done += Deno.stderr.writeSync(bytes.subarray(done));
        }
      } catch { // a closed stderr leaves nobody to tell
      }
    },
    terminal: Deno.stderr.isTerminal(),
    outTerminal: Deno.stdout.isTerminal(),
    ...(answers ? { ask } : {}),
    cwd: Deno.env.get("INIT_CWD") || Deno.cwd(),
    signal,
  };
}

/** One line of the terminal; only a clear yes is one. */
async function ask(question: string): Promise<boolean> {
  await Deno.stderr.write(new TextEncoder().encode(question));
  const line = new Uint8Array(100);
  const length = await Deno.stdin.read(line) ?? 0;
  return /^\s*y(es)?\s*$/i.test(new TextDecoder().decode(line.subarray(0, length)));
}
