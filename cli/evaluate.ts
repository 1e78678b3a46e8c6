/**
 * `isa4d evaluate`: how close a model's videos come to held-out clips.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import type { Context } from "./support/mod.ts";
import { text, value } from "./support/options.ts";

const positive = z.int().positive();

/** Adds `evaluate` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("evaluate")
    .description("measure a model on held-out clips of a data set")
    .requiredOption("--data <folder>", "data set of held-out clips, made by `isa4d synth`", text)
    .option("--weights <name|folder>", "weights", text, "small")
    .option("--clips <n>", "how many clips, from the first", value(positive), 16)
    .option("--steps <n>", "sampling steps", value(positive), 30)
    .option("--cfg-scale <x>", "strength of guidance", value(z.number()), 2)
    .option("--flow-shift <x>", "shift of the sampling times", value(z.number().positive()), 1)
    .option("-s, --seed <n>", "seed of the noise", value(z.int().nonnegative()), 0)
    .option("--device <device>", "cpu or cuda", text, "cpu")
    .option("--sheet <file>", "write a sheet of references, results and truths (PNG)", text)
    .action(async (flags) => {
      const { runEvaluate } = await import("./support/run_evaluate.ts");
      await runEvaluate(flags, context());
    });
}
