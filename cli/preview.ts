/**
 * `isa4d preview`: a job's inputs drawn and checked, before any model is loaded.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { addJobOptions } from "./support/job_options.ts";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, text } from "./support/options.ts";

/** Adds `preview` to the program. */
export function register(program: Command, context: () => Context): void {
  const command = program.command("preview")
    .description("draw and check a job's inputs in seconds, without any model");
  addJobOptions(command, { without: ["output"] })
    .optionsGroup(group.output)
    .option(
      "-o, --output <name>",
      "sheet.png, preview.mp4 (.mov, .mkv, .webm, .gif, .webp), or a name for sheet and mp4",
      text,
      "preview",
    )
    .addOption(overwriteOption())
    .option("--strict", "exit with code 1 if there are warnings")
    .option("--json", "print one JSON record: the job, the files, the warnings")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runPreview } = await import("./preview/run.ts");
      await runPreview(flags, context());
    });
}

const examples = `
Examples:
  isa4d preview -i me.png --ref-pose me.json --motion walk.npz --camera orbit:deg=90
  isa4d preview --from out.mp4 -o sheet.png
  isa4d preview --job job.json --strict --quiet --json | jq .warnings`;
