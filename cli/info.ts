/**
 * `isa4d info`: the record that a file carries.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { text } from "./support/options.ts";

/** Adds `info` to the program. */
export function register(program: Command, context: () => Context): void {
  program.command("info")
    .description("print how a file was made, from the record that it carries")
    .argument(
      "<file>",
      "video, picture, latents, weights, LoRA, data set, measurement, batch",
      text,
    )
    .optionsGroup(group.output)
    .option("--json", "print the complete record as JSON")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const { runInfo } = await import("./info/run.ts");
      await runInfo(file, flags, context());
    });
}

const examples = `
Examples:
  isa4d info out.mp4
  isa4d info runs/anna/lora.safetensors
  isa4d info out.mp4 --json | jq .record.job.seed`;
