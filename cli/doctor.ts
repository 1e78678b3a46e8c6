/**
 * `isa4d doctor`: whether everything that isa4d needs is there and works.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";

/** Adds `doctor` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("doctor")
    .description(
      "check each part of the set-up and say how to fix it; exit code 1 if one is broken",
    )
    .optionsGroup(group.output)
    .option("--json", "print one JSON record instead of text")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runDoctor } = await import("./doctor/run.ts");
      await runDoctor(flags, context());
    });
}

const examples = `
Examples:
  isa4d doctor
  isa4d doctor --json | jq .`;
