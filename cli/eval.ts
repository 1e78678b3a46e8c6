/**
 * `isa4d eval video|vae|generate`: how good a video or a model is, by a protocol that others can repeat.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import type { Context } from "./support/mod.ts";
import { namedPath, repeated, text, value } from "./support/options.ts";

const positive = z.int().positive();

/** Adds `eval` to the program. */
export function register(program: Command, context: () => Context): void {
  const group = program.command("eval").description("measure videos and models");
  registerVideo(group, context);
  registerVae(group, context);
  registerGenerate(group, context);
}

function registerVideo(group: Command, context: () => Context): void {
  group.command("video")
    .description("compare a video with the true one, frame by frame")
    .argument("<result>", "video", text)
    .argument("<truth>", "video of the same size and length", text)
    .option("--json", "print one JSON record")
    .action(async (result, truth, flags) => {
      const { runEvalVideo } = await import("./support/run_eval_video.ts");
      await runEvalVideo({ result, truth }, flags, context());
    });
}

function registerVae(group: Command, context: () => Context): void {
  group.command("vae")
    .description("measure VideoVAEs on held-out clips: quality by place, what the latents hold")
    .requiredOption("--data <folder>", "data set of held-out clips, made by `isa4d synth`", text)
    .requiredOption(
      "--vae <[name=]file>",
      "VideoVAE weights; give it again to compare",
      repeated(namedPath),
    )
    .option("--clips <n>", "how many clips, from the first", value(positive), 16)
    .option("--figures <folder>", "write figures (SVG)", text)
    .option(
      "--dit-run <[name=]folder>",
      "training run on such latents, for a figure",
      repeated(namedPath),
    )
    .option("--device <device>", "cpu or cuda", text, "cpu")
    .action(async (flags) => {
      const { runEvalVae } = await import("./support/run_eval_vae.ts");
      await runEvalVae(flags, context());
    });
}

function registerGenerate(group: Command, context: () => Context): void {
  group.command("generate")
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
      const { runEvalGenerate } = await import("./support/run_eval_generate.ts");
      await runEvalGenerate(flags, context());
    });
}
