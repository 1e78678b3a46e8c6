/**
 * Every command of the command line, as its help knows it.
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { commands } from "../../cli/commands.ts";
import { readProgram } from "../../cli/program.ts";

/** A command that runs, with the words that lead to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly command: CommandUnknownOpts;
}

/** All commands that are no groups of others. */
export async function allLeaves(): Promise<Leaf[]> {
  return leavesOf(await readProgram(commands), []);
}

function leavesOf(command: CommandUnknownOpts, path: readonly string[]): Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}
