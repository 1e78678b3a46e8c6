/**
 * `isa4d completions`: scripts with which shells complete commands, flags, values and files.
 * @module
 */
import { Argument, type Command } from "@commander-js/extra-typings";
import type { Context } from "./support/mod.ts";

/** The shells, as `isa4d completions` names them. */
export const shells = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = typeof shells[number];

/** Adds `completions` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("completions")
    .description("print the script with which a shell completes isa4d's commands and flags")
    .addArgument(new Argument("<shell>", "whose script").choices(shells))
    .addHelpText("after", uses)
    .action(async (shell) => {
      const script = await completions(shell);
      await context().io.writeOut(new TextEncoder().encode(script));
    });
}

/** The script of a shell, made from the tables of all commands. */
export async function completions(shell: Shell): Promise<string> {
  const { commands } = await import("./commands.ts");
  const { newProgram } = await import("./program.ts");
  const { completionTree } = await import("./completions/tree.ts");
  const program = newProgram(() => {}) as unknown as Command;
  for (const entry of commands) {
    (await entry.load()).register(program, () => {
      throw new Error("no command runs while their tables are read");
    });
  }
  const tree = completionTree(program);
  switch (shell) {
    case "bash":
      return (await import("./completions/bash.ts")).bashCompletions(tree);
    case "zsh":
      return (await import("./completions/zsh.ts")).zshCompletions(tree);
    case "fish":
      return (await import("./completions/fish.ts")).fishCompletions(tree);
  }
}

const uses = `
\`./denow task install\` puts them where the shells look. By hand:
  bash  isa4d completions bash > ~/.local/share/bash-completion/completions/isa4d
  zsh   isa4d completions zsh > DIR/_isa4d, with DIR in fpath before compinit
  fish  isa4d completions fish > ~/.config/fish/completions/isa4d.fish`;
