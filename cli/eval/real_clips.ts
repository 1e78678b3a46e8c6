/**
 * `isa4d eval reenact`: real clips, tracked and made again.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { qualities } from "../../lib/pipelines/job/mod.ts";
import { group } from "../support/help.ts";
import type { Context } from "../support/mod.ts";
import { text, value } from "../support/options.ts";
import { EFFICIENTNET, onDevice, recorded } from "./flags.ts";

const positive = z.int().positive();
const whole = z.int().nonnegative();
const side = z.int().min(64).max(8192).multipleOf(2);

/** Adds `eval reenact`. */
export function registerReenact(family: Command, context: () => Context): void {
  onDevice(recorded(family.command("reenact")))
    .description("track real clips, make them again from one of their frames, and compare the two")
    .argument("<clips...>", "videos of persons")
    .optionsGroup(group.inputs)
    .option(
      "--weights <name|folder>",
      "also measure this model; none measures only the prior",
      text,
      "none",
    )
    .option("--reference-frame <n>", "frame that shows what the persons look like", value(whole), 0)
    .option("--frames <n>", "only the first n frames", value(positive))
    .optionsGroup(group.size)
    .option("-W, --width <n>", "pixels (default: from the height)", value(side))
    .option("-H, --height <n>", "pixels (default: shorter side 256)", value(side))
    .optionsGroup(group.sampling)
    .option("--steps <n>", "sampling steps", value(positive), qualities.good.steps)
    .option("--cfg-scale <x>", "strength of guidance", value(z.number()), qualities.good.cfgScale)
    .option("--flow-shift <x>", "shift of the sampling times", value(z.number().positive()), 1)
    .option("-s, --seed <n>", "seed of the noise", value(whole), 0)
    .optionsGroup(group.inputs)
    .option("--lpips-net <file>", "backbone for LPIPS, in torchvision's layout", text)
    .option("--lpips-linear <file>", "linear layers for it, in the lpips package's layout", text)
    .option("--efficientnet <file>", EFFICIENTNET, text)
    .optionsGroup(group.output)
    .option("--sheet <file>", "write a sheet (PNG) of the videos, with the results below", text)
    .optionsGroup(group.machine)
    .option(
      "--cache <folder>",
      "cache folder for what the networks saw (default: isa4d/track in XDG_CACHE_HOME or ~/.cache)",
      text,
    )
    .addHelpText("after", reenactExamples)
    .action(async (clips, flags) => {
      const { runEvalReenact } = await import("./run_reenact.ts");
      await runEvalReenact(clips, flags, context());
    });
}

const reenactExamples = `
Examples:
  isa4d eval reenact dance.mp4 talk.mp4 --sheet reenact.png -o runs/eval
  isa4d eval reenact dance.mp4 --frames 33 --weights small`;
