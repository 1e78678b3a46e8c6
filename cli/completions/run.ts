/**
 * What `isa4d completions` prints.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { newProgram } from "../program.ts";
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
  const program = newProgram(() => {}) as unknown as Command;
  for (const entry of commands) {
    (await entry.load()).register(program, () => {
      throw new Error("no command runs while their tables are read");
    });
  }
  return scripts[shell](completionTree(program));
}
