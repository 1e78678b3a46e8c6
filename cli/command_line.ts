/**
 * What a command line asks for, before commander reads it.
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";

const helpFlags: readonly string[] = ["--help", "-h"];

/** Global flags with a value. */
const valued: readonly string[] = ["--log", "--profile"];

/** The words of a command line that are no flags: the command first. */
export function wordsOf(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end)
    .filter((arg, i) => !arg.startsWith("-") && !valued.includes(args[i - 1]));
}

/** `isa4d help X` and a bare `isa4d` as what they mean: `isa4d X --help`, `isa4d --help`. */
export function withHelpFlag(args: readonly string[]): readonly string[] {
  const [first] = wordsOf(args);
  if (first === "help") return [...args.toSpliced(args.indexOf("help"), 1), "--help"];
  return first === undefined && !args.includes("--version") ? [...args, "--help"] : args;
}

/** Whether the line asks for help. */
export function asksHelp(args: readonly string[]): boolean {
  return args.some((arg) => helpFlags.includes(arg));
}

/** The line without its flags for help. */
export function withoutHelp(args: readonly string[]): string[] {
  return args.filter((arg) => !helpFlags.includes(arg));
}

/** Where a command line leads. */
export interface Place {
  /** Names of the commands on the way, without the program's. */
  readonly path: readonly string[];
  /** A word that is no command of the group where it stands. */
  readonly unknown?: string;
  /** Commands of which one is missing. */
  readonly missing?: readonly string[];
}

/** Follows the words of a command line down the commands that are registered. */
export function placeOf(program: CommandUnknownOpts, args: readonly string[]): Place {
  let at = program;
  const path: string[] = [];
  for (const word of wordsOf(args)) {
    if (at.commands.length === 0) break;
    const child = at.commands.find((command) => command.name() === word);
    if (!child) return { path, unknown: word };
    at = child;
    path.push(word);
  }
  const missing = at.commands.map((command) => command.name());
  return { path, ...(path.length > 0 && missing.length > 0 ? { missing } : {}) };
}
