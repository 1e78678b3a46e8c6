/**
 * `isa4d encode`: a video or image to VideoVAE latents.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import type { Context } from "./support/mod.ts";
import { overwriteOption } from "./support/options.ts";
import { imageVaeOption, vaeTilingOption } from "./support/vae_options.ts";

/** Adds `encode` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("encode")
    .description("turn a video or image into VideoVAE latents")
    .argument("<input>", "mp4, png or another video or image")
    .requiredOption("-o, --output <file>", "latents, a safetensors file")
    .addOption(overwriteOption())
    .option("--weights <name|file>", "shipped VideoVAE by name, or a safetensors file", "small")
    .addOption(imageVaeOption())
    .option("--chunk <n>", "latent frames at once, of 4 video frames each", "4")
    .addOption(vaeTilingOption())
    .option("--device <device>", "cpu, cuda or cuda:N", "cpu")
    .action(async (input, flags) => {
      const { runEncode } = await import("./encode/run.ts");
      await runEncode(input, flags, context());
    });
}
