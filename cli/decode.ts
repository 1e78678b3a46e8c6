/**
 * `isa4d decode`: VideoVAE latents back to a video or image.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { withVaeOptions } from "./support/vae_options.ts";

/** Adds `decode` to the program. */
export function register(program: Command, context: () => Context): void {
  withVaeOptions(
    program.command("decode")
      .description("decode VideoVAE latents to a video")
      .argument("<latents>", "file that `isa4d encode` wrote")
      .optionsGroup(group.output)
      .requiredOption(
        "-o, --output <file>",
        "out.mp4, .mov, .mkv, .webm, .gif, .webp, folder/%04d.png, or a .png for one image",
      ),
  )
    .addHelpText("after", examples)
    .action(async (latents, flags) => {
      const { runDecode } = await import("./decode/run.ts");
      await runDecode(latents, flags, context());
    });
}

const examples = `
Examples:
  isa4d decode walk.safetensors -o walk.mp4
  isa4d decode walk.safetensors -o frames/%04d.png`;
