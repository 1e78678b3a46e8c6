/**
 * `isa4d plan`: what a job will take, before any weight is loaded.
 * @module
 */
import type { Command } from "@commander-js/extra-typings";
import { addGridOptions } from "./support/grid_options.ts";
import { addJobOptions } from "./support/job_options.ts";
import { group } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { text } from "./support/options.ts";

/** Adds `plan` to the program. */
export function register(program: Command, context: () => Context): void {
  const command = program.command("plan")
    .description("estimate a job's memory, operations and time, without loading weights");
  addGridOptions(addJobOptions(command, { without: ["output"], optional: true }))
    .optionsGroup(group.inputs)
    .option("--preset <name>", "a model preset instead of weights, see `isa4d models`", text)
    .optionsGroup(group.machine)
    .option(
      "--memory <size>",
      "memory that the job may use, such as 24GB (default: what is free)",
      text,
    )
    .option("--no-calibrate", "skip timing the device: count operations only")
    .optionsGroup(group.output)
    .option("--json", "print one JSON record instead of text")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const { runPlan } = await import("./plan/run.ts");
      await runPlan(flags, context());
    });
}

const examples = `
With --views or another flag of a grid, or --from a grid, it plans what \`isa4d grid\` takes.
--block-cache asks the model less often the more alike its steps are: times go from least to most.
Reads no input but the weights' headers, so that a job may be planned before its files are there: whoever
names none plans for one person who walks before a grey background.

Examples:
  isa4d plan --from out.mp4 --frames 65
  isa4d plan --preset isa4d-4b -W 1408 -H 768 --frames 129 --dtype bfloat16 --memory 80GB --no-calibrate
  isa4d plan --views 8 --frames 65 --cfg-every 3        # as \`isa4d grid\` would make it
  isa4d plan --job job.json --json | jq .fits`;
