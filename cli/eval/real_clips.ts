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
    .description("track real clips, make them again from one frame, and compare with themselves")
    .argument("<clips...>", "videos of persons")
    .optionsGroup(group.inputs)
    .option(
      "--weights <name|folder>",
      "also a row of this model; none: the prior alone",
      text,
      "none",
    )
    .option("--reference-frame <n>", "the frame that shows the persons", value(whole), 0)
    .option("--frames <n>", "only so many frames from the start", value(positive))
    .optionsGroup(group.size)
    .option("-W, --width <n>", "pixels (default: as the height has it)", value(side))
    .option("-H, --height <n>", "pixels (default: 256 the shorter side)", value(side))
    .optionsGroup(group.sampling)
    .option("--steps <n>", "sampling steps", value(positive), qualities.good.steps)
    .option("--cfg-scale <x>", "strength of guidance", value(z.number()), qualities.good.cfgScale)
    .option("--flow-shift <x>", "shift of the sampling times", value(z.number().positive()), 1)
    .option("-s, --seed <n>", "seed of the noise", value(whole), 0)
    .optionsGroup(group.inputs)
    .option("--lpips-net <file>", "LPIPS' backbone, in torchvision's layout", text)
    .option("--lpips-linear <file>", "its linear layers, in the lpips package's layout", text)
    .option("--efficientnet <file>", EFFICIENTNET, text)
    .optionsGroup(group.output)
    .option("--sheet <file>", "write a sheet (PNG): the videos, and below what was made", text)
    .optionsGroup(group.machine)
    .option(
      "--cache <folder>",
      "where what was seen is kept (default: isa4d/track in XDG_CACHE_HOME or ~/.cache)",
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
