/**
 * `isa4d reconstruct`: a video through the VideoVAE and back.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import type { Context } from "./support/mod.ts";
import { overwriteOption } from "./support/options.ts";
import { imageVaeOption, vaeTilingOption } from "./support/vae_options.ts";

/** Adds `reconstruct` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("reconstruct")
    .description("pass a video through the VideoVAE and measure what is lost")
    .argument("<input>", "mp4, png or another video or image")
    .requiredOption(
      "-o, --output <file>",
      "out.mp4, .webm, .gif, .webp, folder/%04d.png, or a .png for one image",
    )
    .addOption(overwriteOption())
    .option("--weights <name|file>", "shipped VideoVAE by name, or a safetensors file", "small")
    .addOption(imageVaeOption())
    .option("--chunk <n>", "latent frames at once, of 4 video frames each", "4")
    .addOption(vaeTilingOption())
    .option("--device <device>", "cpu, cuda or cuda:N", "cpu")
    .addHelpText(
      "after",
      "\nPrints one JSON record: frames, size, PSNR and SSIM against the input.",
    )
    .action(async (input, flags) => {
      const { runReconstruct } = await import("./reconstruct/run.ts");
      await runReconstruct(input, flags, context());
    });
}
