/**
 * `isa4d weights list|inspect|verify|convert`: files of weights, shipped and brought along.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, text, value } from "./support/options.ts";

/** Adds `weights` to the program. */
export function register(program: Command, context: () => Context): void {
  const weights = program.command("weights")
    .description("list, inspect, verify and convert files of weights");
  weights.command("list")
    .description("list the weights that are shipped")
    .optionsGroup(group.output)
    .option("--json", "the manifest as JSON, with hashes and configurations")
    .addHelpText("after", "\nExamples:\n  isa4d weights list")
    .action(async ({ json }) => {
      const { runList } = await import("./weights/run.ts");
      await runList({ json }, context());
    });
  weights.command("inspect")
    .description("print what a file of weights contains, from its header")
    .argument("<file>", "safetensors, .pt or .pth, an index of shards, or a folder", text)
    .optionsGroup(group.output)
    .option("--tensors", "list every tensor with its type and sizes")
    .option("--json", "as one JSON record")
    .addHelpText("after", "\nExamples:\n  isa4d weights inspect weights/small --tensors")
    .action(async (file, flags) => {
      const { runInspect } = await import("./weights/run.ts");
      await runInspect(file, flags, context());
    });
  weights.command("verify")
    .description("check weights: hashes of shipped files, names, sizes and values of tensors")
    .argument("[name|folder]", "shipped weights by name, or a folder; default: all shipped", text)
    .optionsGroup(group.output)
    .option("--json", "one JSON record a file")
    .addHelpText(
      "after",
      "\nExamples:\n  isa4d weights verify small\n  isa4d weights verify runs/dit --json",
    )
    .action(async (given, flags) => {
      const { runVerify } = await import("./weights/run.ts");
      await runVerify(given, flags, context());
    });
  weights.command("convert")
    .description("convert a checkpoint of SD3, or any other, to a file for isa4d")
    .argument("<file>", "safetensors, .pt or .pth, an index of shards, or a folder", text)
    .optionsGroup(group.output)
    .requiredOption("-o, --output <file>", "safetensors file to write", text)
    .addOption(overwriteOption())
    .addOption(
      new Option("--to <kind>", "what to make of it").choices(
        ["video_vae", "isa_dit", "safetensors"] as const,
      ).makeOptionMandatory(),
    )
    .optionsGroup(group.inputs)
    .option("--config <name|file>", "ISA-DiT preset or JSON file (default: isa4d-4b)", text)
    .option("--image-encoder <file|folder>", "CLIP vision tower for an ISA-DiT", text)
    .option("-s, --seed <n>", "seed of an ISA-DiT's new parts", value(z.int().min(0)))
    .optionsGroup(group.output)
    .addOption(
      new Option("--dtype <type>", "number type (default: unchanged)")
        .choices(["float32", "bfloat16", "float16"] as const),
    )
    .option("--json", "print one JSON record instead of text")
    .addHelpText("after", kinds)
    .action(async (file, flags) => {
      const { runConvertWeights } = await import("./weights/run.ts");
      await runConvertWeights(file, flags, context());
    });
}

const kinds = `
Kinds:
  video_vae    from SD3's image VAE (diffusers or single file), inflated at f_t = 4
  isa_dit      from SD3's transformer (diffusers or single file): its image stream; the new
               parts get first values, and their gates are zero
  safetensors  the same tensors under the same names, from any checkpoint

Examples:
  isa4d weights convert sd3_medium.safetensors --to video_vae -o mine/video_vae.safetensors
  isa4d weights convert sd3_medium.safetensors --to isa_dit --config isa4d-4b --dtype bfloat16 \\
    --image-encoder clip-vit-large-patch14 -o mine/isa_dit.safetensors`;
