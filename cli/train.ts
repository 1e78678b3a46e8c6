/**
 * `isa4d train vae|dit|features`: each is trained from one configuration record; `report` shows a run.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { group, markNeeded } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, value } from "./support/options.ts";

/** Adds `train` to the program. */
export function register(program: Command, context: () => Context): void {
  const train = program.command("train").description("train a VideoVAE or an ISA-DiT");
  trainCommand(train.command("dit"), {
    ready:
      "tiny, small, small-prior, small-lora, small-lora-photos, small-scd, small-swap, small-grid, paper, paper-97",
    out: "runs/dit",
  })
    .description("train ISA-DiT on clips of `isa4d synth` and videos with bodies and cameras")
    .optionsGroup(group.inputs)
    .addOption(markNeeded(new Option("--data <path...>", SOURCES)))
    .addOption(markNeeded(new Option("--vae <file>", "VideoVAE that encodes the clips")))
    .option("--init <file>", "ISA-DiT weights to start from")
    .addHelpText("after", examples.dit)
    .action(async (flags) => {
      const { runTrainDit } = await import("./train/run_dit.ts");
      await runTrainDit(flags, context());
    });
  const vaes = "tiny, pca, lapped, prior, small, small-full, paper, paper-97";
  trainCommand(train.command("vae"), { ready: vaes, out: "runs/vae" })
    .description("train a VideoVAE on clips of `isa4d synth`, videos and pictures")
    .optionsGroup(group.inputs)
    .addOption(markNeeded(new Option("--data <path...>", SOURCES)))
    .optionsGroup(group.machine)
    .option("--workers <count>", WORKERS, value(count), 1)
    .optionsGroup(group.inputs)
    .option("--init <file>", "VideoVAE to start from, with its linear latent")
    .option("--lpips-net <file>", "backbone of the perceptual term, in torchvision's layout")
    .option("--lpips-linear <file>", "linear layers for it, in the lpips package's layout")
    .option(
      "--efficientnet <file>",
      "EfficientNet for the perceptual term: the file that `./denow task features` fetches",
    )
    .addHelpText("after", examples.vae)
    .action(async (flags) => {
      const { runTrainVae } = await import("./train/run_vae.ts");
      await runTrainVae(flags, context());
    });
  trainCommand(train.command("features"), {
    ready: "image, video",
    out: "runs/features",
    config: "image",
  })
    .description("train a network for `isa4d eval` on a data set of `isa4d synth`")
    .optionsGroup(group.inputs)
    .addOption(markNeeded(new Option("--data <folder>", "dataset of clips")))
    .addHelpText("after", examples.features)
    .action(async (flags) => {
      const { runTrainFeatures } = await import("./train/run_features.ts");
      await runTrainFeatures(flags, context());
    });
  train.command("report <folder>")
    .description("put a training run on one HTML page: curves, samples, configuration")
    .optionsGroup(group.output)
    .option("-o, --output <file>", "page to write (default: report.html in the folder)")
    .addOption(overwriteOption())
    .addHelpText("after", "\nExamples:\n  isa4d train report runs/dit")
    .action(async (folder, flags) => {
      const { runTrainReport } = await import("./train/run_report.ts");
      await runTrainReport(folder, flags, context());
    });
}

/** The flags that all have. */
function trainCommand(
  command: Command,
  { ready, out, config = "small" }: { ready: string; out: string; config?: string },
) {
  return command
    .optionsGroup(group.training)
    .option("--config <name|file>", `ready configuration (${ready}) or a JSON file`, config)
    .option(
      "--set <key=value...>",
      "change one value of the configuration, for example settings.steps=100",
    )
    .option("--print-config", "print the complete configuration and stop")
    .optionsGroup(group.inputs)
    .option("--validation <path>", "held-out clips, as --data")
    .optionsGroup(group.output)
    .option("-o, --output <folder>", "folder of checkpoints and weights", out)
    .addOption(overwriteOption())
    .optionsGroup(group.training)
    .option(
      "--resume <auto|file>",
      "continue from the newest checkpoint in the output folder, or from a file",
    )
    .optionsGroup(group.machine)
    .option(
      "--device <device>",
      "cpu or cuda; with several ranks, each takes the device of its number",
      "cpu",
    )
    .option("--nproc <count>", "train in this many processes on this machine", value(positive));
}

const positive = z.int().positive();
const count = z.int().min(0).max(256);

const SOURCES =
  "data set of `isa4d synth`, or an index or folder of videos; PATH@2 draws from it twice as often";
const WORKERS = "threads that prepare samples ahead; 0 prepares them in the main thread";

const examples = {
  dit: `
Examples:
  isa4d train dit --config small --data data/train --validation data/held-out \\
    --vae weights/small/video_vae.safetensors -o runs/dit
  isa4d train dit --config small --print-config`,
  vae: `
Examples:
  isa4d train vae --config small --data data/train --validation data/held-out -o runs/vae`,
  features: `
Examples:
  isa4d train features --config image --data data/train --validation data/held-out -o runs/image`,
};
