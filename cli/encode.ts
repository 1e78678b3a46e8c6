/**
 * `isa4d encode`: a video or image to VideoVAE latents.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { withVaeOptions } from "./support/vae_options.ts";

/** Adds `encode` to the program. */
export function register(program: Command, context: () => Context): void {
  withVaeOptions(
    program.command("encode")
      .description("encode a video or image as VideoVAE latents")
      .argument("<input>", "mp4, png or another video or image")
      .optionsGroup(group.output)
      .requiredOption("-o, --output <file>", "latents, a safetensors file"),
  )
    .addHelpText("after", examples)
    .action(async (input, flags) => {
      const { runEncode } = await import("./encode/run.ts");
      await runEncode(input, flags, context());
    });
}

const examples = `
Examples:
  isa4d encode walk.mp4 -o walk.safetensors
  isa4d encode me.png --weights runs/vae/video_vae.safetensors -o me.safetensors`;
