/**
 * `isa4d demo`: the whole way once, on material that it renders itself.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import type { Context } from "./support/mod.ts";
import { overwriteOption, text, value } from "./support/options.ts";

const count = z.int().min(0).max(999_999);

/** Adds `demo` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("demo")
    .description("render a reference person and make a video of it with the shipped weights")
    .option("-o, --output <folder>", "where the files go", text, "out/demo")
    .addOption(overwriteOption())
    .option("--weights <name|folder>", "weights", text, "small")
    .option("--person <n>", "which of the held-out people", value(count), 2)
    .option("-s, --seed <n>", "seed of the noise", value(count), 0)
    .action(async (flags) => {
      const { runDemo } = await import("./demo/run.ts");
      await runDemo(flags, context());
    });
}
