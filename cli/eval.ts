/**
 * `isa4d eval video|vae|generate`: how good a video or a model is, by a protocol that others can repeat.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import type { Context } from "./support/mod.ts";
import { frameMetrics, metricList, pictureSize } from "./support/eval_options.ts";
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
    .description("compare videos with the true ones: PSNR, SSIM, MS-SSIM, LPIPS")
    .argument("<result>", "video, or a folder of them", text)
    .argument("<truth>", "the true video, or a folder with one of each name", text)
    .option(
      "--mask <file|folder>",
      "video or image, white where pixels count: PSNR and SSIM there",
      text,
    )
    .option(
      "--metrics <list>",
      `of ${frameMetrics.join(",")}; default: all that can be had`,
      metricList,
    )
    .option("--size <WxH>", "bring both to this size, cut to cover it", pictureSize)
    .option("--frames <n>", "only so many frames from the start", value(positive))
    .option("--ignore-fps", "compare frame by frame though the rates differ")
    .addOption(
      new Option("--ssim-border <how>", "reflect as torchmetrics, or valid as scikit-image")
        .choices(["reflect", "valid"] as const).default("reflect" as const),
    )
    .option("--lpips-net <file>", "LPIPS' backbone, in torchvision's layout", text)
    .option("--lpips-linear <file>", "its linear layers, in the lpips package's layout", text)
    .option("--device <device>", "cpu or cuda", text, "cpu")
    .option("--out <folder>", "keep the record there, with pictures of the worst frames", text)
    .option("--json", "print one JSON record, with the scores of each frame")
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
