/**
 * `isa4d demo`: the whole way once, on material that it renders itself.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, text, value } from "./support/options.ts";

const count = z.int().min(0).max(999_999);

/** Adds `demo` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("demo")
    .description("render a reference person and make a video of it")
    .optionsGroup(group.output)
    .option("-o, --output <folder>", "folder for the files", text, "out/demo")
    .addOption(overwriteOption())
    .optionsGroup(group.sampling)
    .option("--weights <name|folder|none>", "weights; none uses no model", text, "none")
    .optionsGroup(group.inputs)
    .option("--person <n>", "which of the held-out people to use", value(count), 2)
    .optionsGroup(group.sampling)
    .option("-s, --seed <n>", "seed of the noise", value(count), 0)
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runDemo } = await import("./demo/run.ts");
      await runDemo(flags, context());
    });
}

const examples = `
Examples:
  isa4d demo
  isa4d demo --person 5 -o out/five
  isa4d demo --weights small --seed 1 -o out/small`;
