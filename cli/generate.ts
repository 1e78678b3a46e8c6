/**
 * `isa4d generate`: flags fill one job record, the pipeline makes its video.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { addJobOptions } from "./support/job_options.ts";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, repeated, signOption, text, value } from "./support/options.ts";

/** Adds `generate` to the program. */
export function register(program: Command, context: () => Context): void {
  const command = program.command("generate")
    .description("make a video of a person from a reference image, a motion and a camera");
  addJobOptions(command)
    .optionsGroup(group.output)
    .addOption(overwriteOption())
    .addOption(
      new Option("--format <name>", "what -o - writes")
        .choices(["y4m", "rgb24", "mp4"] as const).default(undefined, "y4m"),
    )
    .option(
      "--over <background>",
      "also make the video over this background, as out.NAME.mp4; repeat for more",
      repeated(text),
    )
    .option(
      "--matte <file>",
      "also write the persons alone, with opacity: .mov (ProRes 4444), .webm (VP9) or folder/%04d.png; takes three times as long",
      text,
    )
    .option(
      "--preview-file <file>",
      "show the clip while it is being sampled: its middle frame (.png, .jpg) or all of it (.mp4 …); takes at most 3 % of the time",
      text,
    )
    .option("--save-latents <file>", "keep the sampled latents, a safetensors file", text)
    .option(
      "--latents <file>",
      "decode saved latents instead of sampling; takes the flags that concern decoding",
      text,
    )
    .option("--resume", "continue an interrupted run of the same job")
    .option(
      "--resume-every <n>",
      "save the state every n steps (default: 1, but at most once a second)",
      value(z.int().min(1)),
    )
    .addOption(signOption())
    .option("--strict", "stop before sampling if there are warnings, with exit code 1")
    .option("--print-job", "print the complete job as JSON and stop")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runGenerate } = await import("./generate/run.ts");
      await runGenerate(flags, context());
    });
}

const examples = `
Examples:
  isa4d generate -i me.png --ref-pose me.json --motion builtin:walk --camera orbit:deg=90 -o out.mp4
  isa4d generate -i me.png --ref-pose me.json --motion walk.npz -o - --format y4m | ffmpeg -i - out.mkv
  isa4d generate -i me.png --motion builtin:wave --background street.mp4 --over beach.jpg \\
    --matte person.mov -o out.mp4
  isa4d generate --from out.mp4 --quality best --seed 1,2,random -o other.mp4
  isa4d generate -i me.png --ref-pose me.json --motion dance.npz --audio dance.mp4 -o dance.mp4`;
