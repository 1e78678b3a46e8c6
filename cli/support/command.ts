/**
 * The shape of a command file. `cli/commands.ts` holds names and summaries only and imports a command's
 * file when that command is asked for, so that `--help` stays fast.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import type { Context } from "./context.ts";

/** What every `cli/<command>.ts` exports. */
export interface CommandModule {
  /**
   * Adds the command to the program: `program.command("synth").description(…).option(…).action(…)`.
   * `context` is asked for inside the action, when the global flags have been read.
   */
  register(program: Command, context: () => Context): void;
}

/** One row of the command table. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}
