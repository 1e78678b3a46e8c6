/**
 * `isa4d reconstruct`: a video through the VideoVAE and back.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { withVaeOptions } from "./support/vae_options.ts";

/** Adds `reconstruct` to the program. */
export function register(program: Command, context: () => Context): void {
  withVaeOptions(
    program.command("reconstruct")
      .description("encode and decode a video with the VideoVAE and measure the loss")
      .argument("<input>", "mp4, png or another video or image")
      .optionsGroup(group.output)
      .requiredOption(
        "-o, --output <file>",
        "out.mp4, .mov, .mkv, .webm, .gif, .webp, folder/%04d.png, or a .png for one image",
      ),
  )
    .optionsGroup(group.output)
    .option("--json", "print one JSON record instead of text")
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
