/**
 * `isa4d completions`: scripts with which shells complete commands, flags, values and files.
 * @module
 */
import { Argument, type Command } from "@commander-js/extra-typings";
import type { Shell } from "./completions/run.ts";
import type { CommandEntry, Context } from "./support/mod.ts";

/** The shells, as `isa4d completions` names them. */
export const shells = ["bash", "zsh", "fish"] as const satisfies readonly Shell[];

/** Adds `completions` to the program; `commands` are those that are completed. */
export function register(
  program: Command,
  context: () => Context,
  commands: readonly CommandEntry[],
): void {
  program.command("completions")
    .description("print the script that completes isa4d's commands and flags in a shell")
    .addArgument(new Argument("<shell>", "whose script").choices(shells))
    .addHelpText("after", uses)
    .action(async (shell) => {
      const { completions } = await import("./completions/run.ts");
      await context().io.writeOut(new TextEncoder().encode(await completions(shell, commands)));
    });
}

const uses = `
\`./denow task install\` installs these scripts. By hand:
  bash  isa4d completions bash > ~/.local/share/bash-completion/completions/isa4d
  zsh   isa4d completions zsh > DIR/_isa4d, with DIR in fpath before compinit
  fish  isa4d completions fish > ~/.config/fish/completions/isa4d.fish

Examples:
  isa4d completions bash > ~/.local/share/bash-completion/completions/isa4d`;
