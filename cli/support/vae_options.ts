/**
 * Flags of `encode`, `decode` and `reconstruct` alone: somebody else's image VAE, and tiles.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { jobSchema } from "../../lib/pipelines/job/mod.ts";
import { value } from "./options.ts";

/** `--vae`, which does not go together with `--weights`. */
export function imageVaeOption(): Option<"--vae <file|folder>", undefined, undefined, undefined> {
  return new Option(
    "--vae <file|folder>",
    "an image VAE instead, inflated: diffusers' AutoencoderKL or SD3's single file",
  ).conflicts("weights");
}

/** `--vae-tiling`, as in a job. */
export function vaeTilingOption() {
  return new Option(
    "--vae-tiling <auto|off|pixels>",
    "side of the tiles that large pictures pass in",
  )
    .argParser(value(jobSchema.shape.vaeTiling)).default("auto" as const);
}
