/**
 * What the shells complete, read off commander's own tables.
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What may stand where a value is wanted. */
export interface ValueHint {
  /** Words to offer; one that ends in `:` is the beginning of a value. */
  readonly words: readonly string[];
  /** Names of files, of folders alone, or neither. */
  readonly paths: "files" | "folders" | "none";
}

/** One flag. */
export interface FlagHint {
  /** All spellings, as `-i` and `--ref-image`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Absent for a flag that stands alone. */
  readonly value?: ValueHint;
}

/** One command, or the program itself. */
export interface CommandHint {
  /** Words that lead here, without the program's name. */
  readonly path: readonly string[];
  readonly description: string;
  /** Global flags too. */
  readonly flags: readonly FlagHint[];
  /** Absent for a command that takes nothing but flags. */
  readonly argument?: ValueHint;
  readonly commands: readonly CommandHint[];
}

/** Reads a program with all its commands registered. */
export function completionTree(program: CommandUnknownOpts): CommandHint {
  return hintOf(program, [], []);
}

/** A command and all below it, parents first. */
export function allCommands(hint: CommandHint): CommandHint[] {
  return [hint, ...hint.commands.flatMap(allCommands)];
}

function hintOf(
  command: CommandUnknownOpts,
  path: readonly string[],
  inherited: readonly FlagHint[],
): CommandHint {
  const own = command.options.filter(({ hidden }) => !hidden).map(flagOf);
  const flags = [...own, ...inherited];
  const [argument] = command.registeredArguments;
  return {
    path,
    description: firstClause(command.description()),
    flags: [...flags, { names: ["-h", "--help"], description: "display help for command" }],
    argument: argument && hintOfValue(argument.name(), argument.argChoices),
    commands: command.commands.map((child) => hintOf(child, [...path, child.name()], flags)),
  };
}

function flagOf(
  { flags, short, long, description, argChoices, required, optional }:
    CommandUnknownOpts["options"][number],
): FlagHint {
  const names = [short, long].filter((name) => name !== undefined);
  const told = firstClause(description);
  if (!required && !optional) return { names, description: told };
  const placeholder = /[<[](.*?)(\.\.\.)?[>\]]/.exec(flags)?.[1] ?? "";
  return { names, description: told, value: hintOfValue(placeholder, argChoices) };
}

/** Placeholders that name no word to type. */
const kinds = /^(name|path|file|folder|in|out|input|output|latents|type|where|format|device)$/;

/** `<file|none>`: a file, or the word "none"; `<file|builtin:NAME>`: a file, or `builtin:` and more. */
function hintOfValue(placeholder: string, choices?: readonly string[]): ValueHint {
  if (choices) return { words: choices, paths: "none" };
  const parts = placeholder.split("|");
  const has = (...names: string[]) => names.some((name) => parts.includes(name));
  const words = parts.length === 1 ? [] : parts.flatMap((part) => {
    if (/^[a-z]+:[A-Z]+$/.test(part)) return [part.slice(0, part.indexOf(":") + 1)];
    return /^[a-z][a-z0-9]*$/.test(part) && !kinds.test(part) ? [part] : [];
  });
  const files = has("file", "path", "in", "out", "input", "output", "latents");
  return { words, paths: files ? "files" : has("folder") ? "folders" : "none" };
}

/** Shells show a line: the first clause of a long description. */
function firstClause(text: string): string {
  return text.split(/[;\n]/)[0].trim();
}
