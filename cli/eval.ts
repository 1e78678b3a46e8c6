/**
 * `isa4d eval`: how good a video or a model is, by a protocol that others can repeat.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { samplerNames } from "../lib/diffusion/names/mod.ts";
import { qualities } from "../lib/pipelines/job/mod.ts";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { EFFICIENTNET, onDevice, recorded } from "./eval/flags.ts";
import { frameMetrics, metricList, pictureSize } from "./eval/options.ts";
import { registerReenact } from "./eval/real_clips.ts";
import { namedPath, overwriteOption, repeated, text, value } from "./support/options.ts";

const positive = z.int().positive();

/** Adds `eval` to the program. */
export function register(program: Command, context: () => Context): void {
  const family = program.command("eval")
    .description("measure videos and models by a repeatable protocol");
  registerVideo(family, context);
  registerSet(family, context);
  registerSolo(family, context);
  registerFollow(family, context);
  registerViews(family, context);
  registerReport(family, context);
  registerVae(family, context);
  registerGenerate(family, context);
  registerGrid(family, context);
  registerReenact(family, context);
}

function registerVideo(family: Command, context: () => Context): void {
  onDevice(
    recorded(family.command("video"), {
      kept: "folder for the record, with pictures of the worst frames",
      json: "print one JSON record, with scores per frame",
    }),
  )
    .description("compare videos with ground truth: PSNR, SSIM, MS-SSIM, LPIPS")
    .argument("<result>", "video, or a folder of them", text)
    .argument("<truth>", "the true video, or a folder of true videos with the same names", text)
    .optionsGroup(group.inputs)
    .option(
      "--mask <file|folder>",
      "video or image, white where pixels count: also measure PSNR and SSIM there",
      text,
    )
    .optionsGroup(group.work)
    .option(
      "--metrics <list>",
      `which to measure, of ${frameMetrics.join(",")} (default: all whose files are there)`,
      metricList,
    )
    .option("--size <WxH>", "resize both to this size, cropped to fill it", pictureSize)
    .option("--frames <n>", "only the first n frames", value(positive))
    .option("--ignore-fps", "compare frame by frame even if the frame rates differ")
    .addOption(
      new Option(
        "--ssim-border <how>",
        "borders of SSIM: mirrored as in torchmetrics, or left out as in scikit-image",
      )
        .choices(["reflect", "valid"] as const).default("reflect" as const),
    )
    .optionsGroup(group.inputs)
    .option("--lpips-net <file>", "backbone for LPIPS, in torchvision's layout", text)
    .option("--lpips-linear <file>", "linear layers for it, in the lpips package's layout", text)
    .option("--efficientnet <file>", EFFICIENTNET, text)
    .addHelpText("after", examples.video)
    .action(async (result, truth, flags) => {
      const { runEvalVideo } = await import("./eval/run_video.ts");
      await runEvalVideo({ result, truth }, flags, context());
    });
}

function registerVae(family: Command, context: () => Context): void {
  onDevice(recorded(family.command("vae")))
    .description(
      "measure VideoVAEs on held-out clips: quality by frame of the window, contents of the latents",
    )
    .optionsGroup(group.inputs)
    .requiredOption("--data <folder>", "data set of held-out clips, made by `isa4d synth`", text)
    .requiredOption(
      "--vae <[name=]file>",
      "VideoVAE weights; repeat to compare several",
      repeated(namedPath),
    )
    .option("--clips <n>", "how many clips to use", value(positive), 16)
    .optionsGroup(group.output)
    .option("--figures <folder>", "write figures (SVG)", text)
    .optionsGroup(group.inputs)
    .option(
      "--dit-run <[name=]folder>",
      "training run on these latents, for the figure of its loss",
      repeated(namedPath),
    )
    .addHelpText("after", examples.vae)
    .action(async (flags) => {
      const { runEvalVae } = await import("./eval/run_vae.ts");
      await runEvalVae(flags, context());
    });
}

function registerSet(family: Command, context: () => Context): void {
  onDevice(recorded(family.command("set")))
    .description(
      "Fréchet distances between two folders of videos: FVD, FID, and FSVD with isa4d's own network",
    )
    .argument("<folder>", "videos", text)
    .argument("<other>", "videos to compare them with", text)
    .optionsGroup(group.inputs)
    .option("--i3d <file>", "FVD: I3D as in rgb_imagenet.pt (.pt, .pth, safetensors)", text)
    .option("--inception <file>", "FID: InceptionV3 in torchvision's layout", text)
    .option("--features <file>", "network for FSVD, by `train features`", text)
    .optionsGroup(group.work)
    .option("--frames <n>", "how many frames of each video to use", value(positive), 16)
    .option("--ignore-fps", "compare even if the frame rates differ")
    .addHelpText("after", examples.set)
    .action(async (a, b, flags) => {
      const { runEvalSet } = await import("./eval/run_set.ts");
      await runEvalSet({ a, b }, flags, context());
    });
}

function registerSolo(family: Command, context: () => Context): void {
  onDevice(
    recorded(family.command("solo"), {
      json: "print one JSON record, with scores per frame",
    }),
  )
    .description(
      "measure videos without ground truth: consistency, smoothness, motion, steadiness",
    )
    .argument("<video>", "video, or a folder of them", text)
    .optionsGroup(group.inputs)
    .option("--clip <file|folder>", "CLIP's vision tower, in transformers' layout", text)
    .option("--reference <image>", "picture to compare the frames with, by CLIP", text)
    .option(
      "--features <file>",
      "image network to measure with, by `train features --config image`",
      text,
    )
    .addHelpText("after", examples.solo)
    .action(async (video, flags) => {
      const { runEvalSolo } = await import("./eval/run_solo.ts");
      await runEvalSolo(video, flags, context());
    });
}

function registerFollow(family: Command, context: () => Context): void {
  onDevice(
    recorded(family.command("follow"), {
      json: "print one JSON record, with scores per frame and second",
    }),
  )
    .description(
      "measure how well a result follows the poses, cameras and references of its job",
    )
    .argument(
      "<results...>",
      "videos that `generate` wrote, with their record, or lists of grids (out.grid.json)",
    )
    .optionsGroup(group.inputs)
    .option("--record <file>", "take the job from this result or record instead", text)
    .addOption(
      new Option(
        "--found-by <how>",
        "how to find the person: by difference from the background, or by network (default: background, if the job has one)",
      )
        .choices(["background", "network"] as const),
    )
    .option(
      "--features <file>",
      "image network to measure with, by `train features --config image`",
      text,
    )
    .addHelpText("after", examples.follow)
    .action(async (results, flags) => {
      const { runEvalFollow } = await import("./eval/run_follow.ts");
      await runEvalFollow(results, flags, context());
    });
}

function registerViews(family: Command, context: () => Context): void {
  recorded(family.command("views"))
    .description("measure how well the views of a grid agree")
    .argument("<list>", "list that `isa4d grid` writes beside its videos, out.grid.json", text)
    .addHelpText("after", examples.views)
    .action(async (list, flags) => {
      const { runEvalViews } = await import("./eval/run_views.ts");
      await runEvalViews(list, flags, context());
    });
}

function registerReport(family: Command, context: () => Context): void {
  family.command("report")
    .description("put records on one HTML page: tables, curves, histograms, the worst frames")
    .argument("<folders...>", "folders of records, from --output of the other eval commands")
    .optionsGroup(group.output)
    .option("-o, --output <file>", "page to write (default: report.html in the first folder)", text)
    .addOption(overwriteOption())
    .addHelpText("after", examples.report)
    .action(async (folders, flags) => {
      const { runEvalReport } = await import("./eval/run_report.ts");
      await runEvalReport(folders, flags, context());
    });
}

function registerGenerate(family: Command, context: () => Context): void {
  onDevice(recorded(family.command("generate")))
    .description("measure a model and baselines on held-out clips")
    .optionsGroup(group.inputs)
    .requiredOption(
      "--data <[name=]folder>",
      "data set of held-out clips, made by `isa4d synth`; repeat for more columns",
      repeated(namedPath),
    )
    .option(
      "--weights <name|folder>",
      "weights of the model; none measures only the baselines",
      text,
      "small",
    )
    .option("--clips <n>", "how many clips of each to use", value(positive), 16)
    .optionsGroup(group.sampling)
    .option("--steps <n>", "sampling steps", value(positive), qualities.good.steps)
    .option(
      "--cfg-scale <x...>",
      `strength of guidance, a row for each (default: ${qualities.good.cfgScale})`,
      repeated(value(z.number())),
    )
    .addOption(
      new Option("--sampler <name>", "solver of the flow")
        .choices(samplerNames).default("euler" as const),
    )
    .option("--flow-shift <x>", "shift of the sampling times", value(z.number().positive()), 1)
    .option("-s, --seed <n>", "seed of the noise", value(z.int().nonnegative()), 0)
    .addOption(
      new Option(
        "--background <how>",
        "for sets of kind mask: give the model their plain colour, or no background",
      )
        .choices(["given", "none"] as const).default("given" as const),
    )
    .optionsGroup(group.work)
    .option("--no-exchange", "skip the check with exchanged references; takes half the time")
    .optionsGroup(group.inputs)
    .option("--lpips-net <file>", "backbone for LPIPS, in torchvision's layout", text)
    .option("--lpips-linear <file>", "linear layers for it, in the lpips package's layout", text)
    .option("--efficientnet <file>", EFFICIENTNET, text)
    .option("--i3d <file>", "FVD: I3D as in rgb_imagenet.pt (.pt, .pth, safetensors)", text)
    .optionsGroup(group.output)
    .option(
      "--sheet <file>",
      "write a sheet (PNG) of references, priors, results and ground truth, one per set",
      text,
    )
    .addHelpText("after", examples.generate)
    .action(async (flags) => {
      const { runEvalGenerate } = await import("./eval/run_generate.ts");
      await runEvalGenerate(flags, context());
    });
}

function registerGrid(family: Command, context: () => Context): void {
  onDevice(recorded(family.command("grid")))
    .description("measure models on held-out scenes of several views")
    .optionsGroup(group.inputs)
    .requiredOption(
      "--data <[name=]folder>",
      "data set made by `isa4d synth --views 4 --held-out`",
      namedPath,
    )
    .option(
      "--weights <[name=]name|folder>",
      "weights; repeat to compare several (default: small)",
      repeated(namedPath),
    )
    .option("--scenes <n>", "how many scenes to use", value(positive), 6)
    .option("--views <n>", "how many views of each scene to use (default: all)", value(positive))
    .optionsGroup(group.sampling)
    .option("--steps <n>", "sampling steps", value(positive), 12)
    .option(
      "--cfg-scale <x...>",
      `strength of guidance, a row for each (default: ${qualities.good.cfgScale})`,
      repeated(value(z.number())),
    )
    .option("--flow-shift <x>", "shift of the sampling times", value(z.number().positive()), 1)
    .option("-s, --seed <n>", "seed of the noise", value(z.int().nonnegative()), 0)
    .optionsGroup(group.work)
    .option("--alone", "also measure grid weights with each view sampled by itself")
    .optionsGroup(group.inputs)
    .option("--efficientnet <file>", EFFICIENTNET, text)
    .optionsGroup(group.output)
    .option("--sheet <file>", "write a sheet (PNG) of true views, with the results below", text)
    .addHelpText("after", examples.grid)
    .action(async (flags) => {
      const { runEvalGrid } = await import("./eval/run_grid.ts");
      await runEvalGrid(flags, context());
    });
}

const examples = {
  video: `
Examples:
  isa4d eval video made.mp4 true.mp4
  isa4d eval video made/ true/ -o runs/eval --json`,
  set: `
Examples:
  isa4d eval set made/ true/ -o runs/eval`,
  solo: `
Examples:
  isa4d eval solo made/ -o runs/eval`,
  follow: `
Examples:
  isa4d eval follow made/one.mp4 made/two.mp4 -o runs/eval
  isa4d eval follow out.grid.json`,
  views: `
Examples:
  isa4d eval views out.grid.json`,
  report: `
Examples:
  isa4d eval report runs/eval -o report.html`,
  vae: `
Examples:
  isa4d eval vae --data data/held-out --vae weights/small/video_vae.safetensors -o runs/eval`,
  generate: `
Examples:
  isa4d eval generate --data data/held-out --weights small --cfg-scale 1 2 4 -o runs/eval`,
  grid: `
Examples:
  isa4d eval grid --data data/held-views --weights small --scenes 6 --alone -o runs/eval`,
};
