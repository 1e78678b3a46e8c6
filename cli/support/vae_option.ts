/**
 * The flag that gives `encode`, `decode` and `reconstruct` somebody else's image VAE.
 * @module
 */
import { Option } from "@commander-js/extra-typings";

/** `--vae`, which does not go together with `--weights`. */
export function imageVaeOption(): Option<"--vae <file|folder>", undefined, undefined, undefined> {
  return new Option(
    "--vae <file|folder>",
    "an image VAE instead, inflated: diffusers' AutoencoderKL or SD3's single file",
  ).conflicts("weights");
}
