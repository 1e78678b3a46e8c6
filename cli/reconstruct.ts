/**
 * `isa4d reconstruct`: a video through the VideoVAE and back.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption } from "./support/options.ts";
import { imageVaeOption, vaeTilingOption } from "./support/vae_options.ts";

/** Adds `reconstruct` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("reconstruct")
    .description("pass a video through the VideoVAE and measure what is lost")
    .argument("<input>", "mp4, png or another video or image")
    .optionsGroup(group.output)
    .requiredOption(
      "-o, --output <file>",
      "out.mp4, .mov, .mkv, .webm, .gif, .webp, folder/%04d.png, or a .png for one image",
    )
    .addOption(overwriteOption())
    .optionsGroup(group.inputs)
    .option("--weights <name|file>", "shipped VideoVAE by name, or a safetensors file", "small")
    .addOption(imageVaeOption())
    .optionsGroup(group.machine)
    .option("--chunk <n>", "latent frames at once, of 4 video frames each", "4")
    .addOption(vaeTilingOption())
    .option("--device <device>", "cpu, cuda or cuda:N", "cpu")
    .optionsGroup(group.output)
    .option("--json", "print one JSON record instead of a line")
    .addHelpText("after", examples)
    .action(async (input, flags) => {
      const { runReconstruct } = await import("./reconstruct/run.ts");
      await runReconstruct(input, flags, context());
    });
}

const examples = `
Prints frames, size, PSNR and SSIM against the input.

Examples:
  isa4d reconstruct walk.mp4 -o through.mp4
  isa4d reconstruct walk.mp4 -o through.mp4 --json | jq .psnr`;
