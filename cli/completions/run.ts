/**
 * What `isa4d completions` prints.
 * @module
 */
import { readProgram } from "../program.ts";
import type { CommandEntry } from "../support/mod.ts";
import { bashCompletions } from "./bash.ts";
import { fishCompletions } from "./fish.ts";
import { type CommandHint, completionTree } from "./tree.ts";
import { zshCompletions } from "./zsh.ts";

const scripts = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
} satisfies Record<string, (tree: CommandHint) => string>;

/** The shells that can be helped. */
export type Shell = keyof typeof scripts;

/** The script of a shell, made from the flags of all commands. */
export async function completions(
  shell: Shell,
  commands: readonly CommandEntry[],
): Promise<string> {
  return scripts[shell](completionTree(await readProgram(commands)));
}
