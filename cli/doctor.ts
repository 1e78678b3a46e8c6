/**
 * `isa4d doctor`: whether everything that isa4d needs is there and works.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import type { Context } from "./support/mod.ts";

/** Adds `doctor` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("doctor")
    .description("check the set-up: each part is ok, or what to do; exits with 1 if one is broken")
    .option("--json", "one JSON record instead of lines")
    .action(async (flags) => {
      const { runDoctor } = await import("./doctor/run.ts");
      await runDoctor(flags, context());
    });
}
