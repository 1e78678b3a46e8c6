/**
 * `isa4d batch`: a file of jobs, made one after another, by as many processes as there are.
 * @module
 */
import { type Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { addJobOptions } from "./support/job_options.ts";
import { group, markNeeded } from "./support/help.ts";
import type { Context } from "./support/mod.ts";
import { overwriteOption, repeated, signOption, text, value } from "./support/options.ts";

const count = z.int().min(1).max(10_000);

/** Adds `batch` to the program. */
export function register(program: Command, context: () => Context): void {
  const command = program.command("batch")
    .description(
      "make the videos of a file of jobs; skips finished jobs and continues interrupted ones",
    )
    .argument("[file]", "jobs, one JSON object per line; - for stdin");
  const own = command
    .optionsGroup(group.output)
    .addOption(
      markNeeded(
        new Option("-o, --output <folder>", "folder for the results and the ledger")
          .argParser(text),
      ),
    )
    .addOption(overwriteOption())
    .addOption(signOption())
    .option("--name <name>", "name of each output in that folder (default: {id}.mp4)", text)
    .optionsGroup(group.work)
    .option("--check", "check the file and stop")
    .option("--status", "print the state of the file's jobs, or of all jobs, and stop")
    .optionsGroup(group.output)
    .option("--json", "print one JSON record per job, a line each")
    .optionsGroup(group.machine)
    .option("--jobs <n>", "worker processes (default: none, or one per GPU)", value(count))
    .option(
      "--gpus <n|devices>",
      "use this many CUDA devices, or those listed (0,2), with a worker process each; implies --device cuda",
      text,
    )
    .optionsGroup(group.work)
    .option(
      "--retries <n>",
      "how often to retry a job after a failure that may be temporary (default: 1)",
      value(z.int().min(0).max(1000)),
    )
    .option("--retry-failed", "retry jobs that have failed")
    .option(
      "--shard <i/n|auto>",
      "make only the i-th of n parts of the file; auto reads i and n from a Slurm array task or a pod",
      text,
    )
    .option("--no-wait", "exit when other processes hold all remaining jobs, instead of waiting")
    .option(
      "--lease <seconds>",
      "take over a job whose process has shown no sign of life for this long (default: 60)",
      value(z.number().min(1).max(86_400)),
    )
    .optionsGroup(group.machine)
    .option("--slurm", "submit the batch to Slurm as an array of tasks")
    .option("--tasks <n>", "size of the array (default: one per job, at most 16)", value(count))
    .option(
      "--sbatch <option>",
      "another option for sbatch, such as --partition=gpu; repeat for more",
      repeated(text),
    )
    .option("--no-submit", "print the Slurm script instead of submitting it")
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
Each line is a job (see \`isa4d schema\`) with an optional "id"; without one, the id is a hash of the job.
A first line {"defaults": {…}} holds what all jobs share. A job's own values win over flags, and flags
over defaults. Paths in the file are relative to the file, paths in flags to the current folder.

  {"defaults": {"reference": {"image": "anna.png", "pose": "anna.json"}, "steps": 20}}
  {"id": "walk", "persons": [{"motion": "builtin:walk"}], "camera": "orbit:deg=90"}
  {"id": "dance", "persons": [{"motion": "dance.npz"}], "seed": 7}

You can run the same command again, and on several machines at once: the ledger in the folder records
what is done and who is doing what. Exit code 1 means that a job failed. Ctrl-C keeps what was sampled.

Examples:
  isa4d batch jobs.jsonl --check
  isa4d batch jobs.jsonl -o night --jobs 2
  isa4d batch jobs.jsonl -o night --gpus 4
  isa4d batch --status -o night
  isa4d batch jobs.jsonl -o night --slurm --tasks 8 --sbatch=--gres=gpu:1 --device cuda`;
