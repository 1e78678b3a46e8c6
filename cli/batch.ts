/**
 * `isa4d batch`: a file of jobs, made one after another, by as many processes as there are.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { addJobOptions } from "./support/job_options.ts";
import { group, markNeeded } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, repeated, text, value } from "./support/options.ts";

const count = z.int().min(1).max(10_000);

/** Adds `batch` to the program. */
export function register(program: Command, context: () => Context): void {
  const command = program.command("batch")
    .description("make the videos of a file of jobs; what is done is skipped, what was cut goes on")
    .argument("[file]", "jobs, one JSON object a line; - for stdin");
  const own = command
    .optionsGroup(group.output)
    .addOption(
      markNeeded(
        new Option("-o, --output <folder>", "folder of the results and of the ledger")
          .argParser(text),
      ),
    )
    .addOption(overwriteOption())
    .option("--name <name>", "of each output within it (default: {id}.mp4)", text)
    .optionsGroup(group.work)
    .option("--check", "check the file and stop")
    .option("--status", "print the ledger and stop; of the file's jobs, or of all")
    .optionsGroup(group.output)
    .option("--json", "print one record a job, JSON lines")
    .optionsGroup(group.machine)
    .option("--jobs <n>", "worker processes (default: none, or one a GPU)", value(count))
    .option(
      "--gpus <n|devices>",
      "worker processes on so many CUDA devices, or on those listed, 0,2: each sees one; without --device it is cuda",
      text,
    )
    .optionsGroup(group.work)
    .option(
      "--retries <n>",
      "how often a job is tried again whose failure may pass (default: 1)",
      value(z.int().min(0).max(1000)),
    )
    .option("--retry-failed", "try those again that failed for good")
    .option("--shard <i/n|auto>", "take the i-th of n parts; auto: a Slurm array's or pod's", text)
    .option("--no-wait", "end when other processes hold all that is left")
    .option(
      "--lease <seconds>",
      "a job whose process gives no sign of life for so long is free (default: 60)",
      value(z.number().min(1).max(86_400)),
    )
    .optionsGroup(group.machine)
    .option("--slurm", "submit the batch as an array of Slurm tasks")
    .option("--tasks <n>", "of the array (default: one a job, at most 16)", value(count))
    .option("--sbatch <option>", "further option of sbatch, --partition=gpu", repeated(text))
    .option("--no-submit", "print the script for Slurm and stop")
    .addOption(new Option("--worker").hideHelp());
  // After the batch's own, so that these come first in the help.
  addJobOptions(command, { without: ["output"], optional: true });
  own.addHelpText("after", examples)
    .action(async (file, flags) => {
      const { runBatch } = await import("./batch/run.ts");
      // Commander's types leave this property out.
      const { rawArgs: args } = program as unknown as { rawArgs: string[] };
      await runBatch({ file, flags, args }, context());
    });
}

const examples = `
A line is a job as \`isa4d schema\` tells, with an "id" if wanted (else it is made from the content);
{"defaults": {…}} in the first line is what all have in common. A job's own values win over flags,
flags over defaults. Paths in the file start at the file's folder, those of flags where you stand.

  {"defaults": {"reference": {"image": "anna.png", "pose": "anna.json"}, "steps": 20}}
  {"id": "walk", "persons": [{"motion": "builtin:walk"}], "camera": "orbit:deg=90"}
  {"id": "dance", "persons": [{"motion": "dance.npz"}], "seed": 7}

Run it again, and beside itself on other machines, as often as you like: the ledger in the folder
knows what is done and who does what. Exit code 1: a job has failed. Ctrl-C keeps what was sampled.

Examples:
  isa4d batch jobs.jsonl --check
  isa4d batch jobs.jsonl -o night --jobs 2
  isa4d batch jobs.jsonl -o night --gpus 4
  isa4d batch --status -o night
  isa4d batch jobs.jsonl -o night --slurm --tasks 8 --sbatch=--gres=gpu:1 --device cuda`;
