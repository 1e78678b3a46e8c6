/**
 * From an exception to an exit code and one line for the user.
 * @module
 */
import { CommanderError } from "@commander-js/extra-typings";
import { ConfigError, IsaError, UsageError } from "../../lib/errors.ts";
import { type LogFormat, logLine } from "./log.ts";

/** Exit codes of the command line, the same for every command. */
export const exitCodes = {
  ok: 0,
  /** An input, the machine or the work itself failed. */
  failed: 1,
  /** The command line, a value on it or in a job or configuration is wrong. */
  usage: 2,
  interrupted: 130,
} as const;

/** How a failed command ends: its code, and what stderr says (nothing where silence is right). */
export interface Ending {
  readonly code: number;
  readonly message?: string;
  /** The class of the error. */
  readonly kind?: string;
  /** Stack and causes, where `verbose` asks for them. */
  readonly details?: string;
}

/** An ending as stderr says it; nothing where silence is right. */
export function endingText({ code, message, kind, details }: Ending, log: LogFormat): string {
  if (message === undefined) return "";
  if (log === "text") return message + "\n" + (details === undefined ? "" : details + "\n");
  const event = code === exitCodes.interrupted ? "interrupted" : "error";
  return logLine({ level: "error", event, fields: { message, kind, exitCode: code, details } });
}

/**
 * Decides how a command that threw `error` ends. A closed stdout is no failure (`isa4d … | head`),
 * an aborted signal ends with 130, everything else gets one line.
 */
export function endingOf(
  error: unknown,
  { path = [], signal, verbose = false }: {
    /** Names of the command and the groups that it is in. */
    path?: readonly string[];
    signal?: AbortSignal;
    verbose?: boolean;
  },
): Ending {
  if (error instanceof CommanderError && error.exitCode === 0) return { code: exitCodes.ok };
  if (isBrokenPipe(error)) return { code: exitCodes.ok };
  if (signal?.aborted) return { code: exitCodes.interrupted, message: "isa4d: interrupted" };
  const program = ["isa4d", ...path].join(" ");
  if (error instanceof CommanderError || error instanceof UsageError) {
    const text = usageText(error);
    const message = `${program}: ${text}; see \`${program} --help\``;
    return { code: exitCodes.usage, message, kind: "UsageError" };
  }
  return {
    code: error instanceof ConfigError ? exitCodes.usage : exitCodes.failed,
    message: `${program}: ${oneLine(textOf(error))}`,
    kind: error instanceof Error ? error.name : undefined,
    details: verbose ? stackOf(error) : undefined,
  };
}

/** True for a reader that closed our stdout, however deep in the chain of causes. */
function isBrokenPipe(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof StdoutClosed) return true;
  }
  return false;
}

/** Raised by the stdout writer, so that a broken pipe to a child process is not taken for it. */
export class StdoutClosed extends Deno.errors.BrokenPipe {
  override readonly name = "StdoutClosed";
}

function textOf(error: unknown): string {
  if (error instanceof IsaError) return error.message;
  if (error instanceof Deno.errors.NotCapable) {
    // Deno's own advice is a flag of Deno's.
    const what = error.message.replace(/, run again with .*$/s, "");
    return `${what}, which its command does not need; ISA4D_RIGHTS=all isa4d … gives it all rights`;
  }
  if (error instanceof Error) {
    return `${error.name}: ${error.message} (unexpected; --verbose shows where)`;
  }
  return String(error);
}

function usageText({ message }: Error): string {
  return oneLine(message.replace(/^error: /, "").replace(/\.$/, ""));
}

function oneLine(text: string): string {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(" ");
}

function stackOf(error: unknown): string {
  const lines: string[] = [];
  for (let e = error; e !== undefined && e !== null; e = e instanceof Error ? e.cause : undefined) {
    const text = e instanceof Error ? e.stack ?? String(e) : String(e);
    lines.push(lines.length === 0 ? text : `caused by: ${text}`);
  }
  return lines.join("\n");
}
