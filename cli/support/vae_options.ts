/**
 * Flags of `encode`, `decode` and `reconstruct` alone: somebody else's image VAE, and tiles.
 * @module
 */
import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import { jobSchema } from "../../lib/pipelines/job/mod.ts";
import { group } from "./help.ts";
import { overwriteOption, value } from "./options.ts";

/** Adds what the three commands have in common, to a command with its arguments and output. */
export function withVaeOptions<
  Args extends unknown[],
  Flags extends OptionValues,
  Shared extends OptionValues,
>(
  command: Command<Args, Flags, Shared>,
) {
  return command.addOption(overwriteOption())
    .optionsGroup(group.inputs)
    .option("--weights <name|file>", "shipped VideoVAE by name, or a safetensors file", "small")
    .addOption(imageVaeOption())
    .optionsGroup(group.machine)
    .option("--chunk <n>", "how many latent frames to process at once, of 4 video frames each", "4")
    .addOption(vaeTilingOption())
    .option("--device <device>", "cpu, cuda or cuda:N", "cpu");
}

/** `--vae`, which does not go together with `--weights`. */
function imageVaeOption(): Option<"--vae <file|folder>", undefined, undefined, undefined> {
  return new Option(
    "--vae <file|folder>",
    "use an image VAE instead, inflated to video: diffusers' AutoencoderKL or SD3's single file",
  ).conflicts("weights");
}

/** `--vae-tiling`, as in a job. */
function vaeTilingOption() {
  return new Option(
    "--vae-tiling <auto|off|pixels>",
    "size of the tiles for large pictures",
  )
    .argParser(value(jobSchema.shape.vaeTiling)).default("auto" as const);
}
