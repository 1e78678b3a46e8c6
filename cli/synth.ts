/**
 * `isa4d synth`: synthetic humans for training and tests.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import type { Context } from "./support/mod.ts";
import { value } from "./support/options.ts";

const count = value(z.int().min(1));
const side = value(z.int().min(2).max(4096));

/** Adds `synth` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("synth")
    .description("render synthetic humans for training and tests; call again to resume")
    .requiredOption("-o, --output <path>", "folder of the data set, or the .png of --sheet")
    .option("--clips <n>", "how many clips", count, 64)
    .option(
      "-s, --seed <n>",
      "seed of the first clip; 1000000000 and above is held out",
      value(z.int().min(0)),
      0,
    )
    .option("-W, --width <pixels>", "picture width", side, 128)
    .option("-H, --height <pixels>", "picture height", side, 128)
    .option("--frames <n>", "frames a clip", count, 17)
    .option("--fps <rate>", "frames a second", value(z.number().positive().max(1000)), 8)
    .option("--shard-size <n>", "clips a file", count, 50)
    .option("--workers <n>", "threads", count, navigator.hardwareConcurrency)
    .option("--sheet", "draw the clips into one picture instead, a row each (at most 32)")
    .option("--body <file>", "body asset; default the repository's")
    .action(async (flags) => {
      const { runSheet, runSynth } = await import("./support/run_synth.ts");
      await (flags.sheet ? runSheet : runSynth)(flags, context());
    });
}
