/**
 * `isa4d batch --slurm`: the same command line as an array of tasks, each with its shard.
 * @module
 */
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentError, IoError, UsageError } from "../../lib/errors.ts";
import { writeText } from "../../lib/io/mod.ts";
import { slurmScript } from "../../lib/batch/mod.ts";
import type { Context } from "../support/context.ts";

/** What is submitted. */
export interface Submission {
  /** The file of jobs. */
  readonly file?: string;
  /** The command line. */
  readonly args: readonly string[];
  readonly out: string;
  /** How many jobs there are. */
  readonly jobs: number;
  readonly flags: {
    readonly shard?: string;
    readonly tasks?: number;
    readonly sbatch?: readonly string[];
    readonly submit: boolean;
  };
}

/** More tasks than this are asked for, not assumed. */
const TASKS = 16;

/** Writes the script beside the results and submits it, or prints it. */
export async function submitBatch(
  { file, args, out, jobs, flags }: Submission,
  context: Context,
): Promise<void> {
  if (file === undefined || file === "-") {
    throw new UsageError("--slurm needs a file of jobs: stdin is gone when its tasks begin");
  }
  if (flags.shard !== undefined) {
    throw new UsageError("--slurm makes the shards: leave out --shard");
  }
  const folder = join(out, "slurm");
  const script = slurmScript({
    name: basename(out),
    tasks: flags.tasks ?? Math.min(jobs, TASKS),
    command: [Deno.execPath(), "run", "-A", "--no-check", mainPath, ...taskArguments(args)],
    cwd: context.io.cwd,
    logs: folder,
    options: flags.sbatch,
  });
  if (!flags.submit) return await context.print(script.trimEnd());
  const path = join(folder, "batch.sh");
  await makeFolder(folder);
  await writeText(path, script);
  const answer = await sbatch(path, context.io.cwd);
  context.event(
    "submitted",
    { script: path, job: answer },
    `${answer}; script and logs in ${folder}`,
  );
}

const mainPath = fileURLToPath(new URL("../main.ts", import.meta.url));

/** What concerns the submission alone. */
const alone = ["--slurm", "--no-submit"];
const withValue = ["--tasks", "--sbatch"];

/** The command line of one task. */
function taskArguments(args: readonly string[]): string[] {
  return args.filter((arg, i) =>
    !alone.includes(arg) && !withValue.includes(arg) && !withValue.includes(args[i - 1]) &&
    !withValue.some((flag) => arg.startsWith(`${flag}=`))
  );
}

/** Slurm's answer, such as "Submitted batch job 12". */
async function sbatch(path: string, cwd: string): Promise<string> {
  try {
    const command = new Deno.Command("sbatch", { args: [path], cwd, stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) =>
      new TextDecoder().decode(bytes).trim().replace(/\s*\n\s*/g, "; ");
    if (success) return text(stdout);
    throw new EnvironmentError(`sbatch refused "${path}": ${text(stderr)}`);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new EnvironmentError(
      `there is no sbatch on PATH: run this where Slurm is, or print the script with --no-submit`,
      { cause },
    );
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    throw new IoError(`cannot make the folder "${path}": ${(cause as Error).message}`, { cause });
  }
}
