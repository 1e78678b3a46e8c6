/**
 * The program without its commands.
 * @module
 */
import { Command, Option } from "@commander-js/extra-typings";
import { group, helpStyle } from "./support/help.ts";
import { type CommandEntry, logFormats } from "./support/mod.ts";
import { versionText } from "./support/version.ts";

/**
 * The program `isa4d` with its global flags and no commands; `writeOut` takes the text of help. It
 * throws where commander would end the process.
 */
export function newProgram(writeOut: (text: string) => void) {
  return new Command("isa4d")
    .description("Human video generation with interspatial attention")
    .optionsGroup(group.global)
    .version(versionText(), "--version", "print the version and the commit")
    .option("--verbose", "show the stack trace and cause of an error")
    .option("--quiet", "print no progress and no notices to stderr")
    .addOption(
      new Option("--log <format>", "write stderr as text, or as one JSON object per line")
        .choices(logFormats).default(logFormats[0], logFormats[0]),
    )
    .option(
      "--profile <file>",
      "time each operator and write a trace for Perfetto or chrome://tracing",
    )
    .helpCommand(false)
    .configureHelp(helpStyle)
    .configureOutput({ writeOut, writeErr: () => {}, outputError: () => {} })
    .addHelpText("after", ({ command }) => command.parent ? "" : examples)
    .exitOverride();
}

/** The program with its commands, to read their tables; none of them runs. */
export async function readProgram(commands: readonly CommandEntry[]): Promise<Command> {
  const program = newProgram(() => {}) as unknown as Command;
  for (const entry of commands) {
    (await entry.load()).register(program, () => {
      throw new Error("no command runs while their tables are read");
    });
  }
  return program;
}

const examples = `
\`isa4d help COMMAND\` prints a command's options and examples.

Examples:
  isa4d demo
  isa4d generate -i me.png --ref-pose me.json --motion builtin:walk -o out.mp4
  isa4d help eval video`;
