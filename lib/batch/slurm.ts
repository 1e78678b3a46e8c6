/**
 * The script that makes a batch as an array of Slurm tasks.
 * @module
 */
import { ConfigError } from "../errors.ts";

/** What a script is made of. */
export interface SlurmOptions {
  /** Name of the job in the queue. */
  readonly name: string;
  /** Tasks; each takes one shard. */
  readonly tasks: number;
  /** Program and arguments of one task, without its shard. */
  readonly command: readonly string[];
  /** Where the command runs. */
  readonly cwd: string;
  /** Folder of the tasks' logs, on a file system that all nodes see. */
  readonly logs: string;
  /** Further options of sbatch, such as `--partition=gpu`. */
  readonly options?: readonly string[];
}

/** The script as text. Throws {@linkcode ConfigError} for an option that is none. */
export function slurmScript(
  { name, tasks, command, cwd, logs, options = [] }: SlurmOptions,
): string {
  const wrong = options.find((option) => !/^-{1,2}[a-zA-Z][^\n]*$/.test(option));
  if (wrong !== undefined) {
    throw new ConfigError(`"${wrong}" is no option of sbatch: give one such as --partition=gpu`);
  }
  const directives = [
    `--job-name=${name}`,
    `--array=1-${tasks}`,
    `--output=${directive(`${logs.replaceAll("%", "%%")}/%A_%a.log`)}`,
    // A node that fails gives its task back; the ledger knows what is done.
    "--requeue",
    ...options,
  ];
  return `#!/bin/bash
${directives.map((text) => `#SBATCH ${text}`).join("\n")}
set -eu
cd ${quoted(cwd)}
export INIT_CWD=${quoted(cwd)}
# Cores that Slurm gives are the cores that are used.
export OMP_NUM_THREADS="\${SLURM_CPUS_PER_TASK:-\${OMP_NUM_THREADS:-1}}"
exec ${command.map(quoted).join(" ")} --shard "$SLURM_ARRAY_TASK_ID/${tasks}"
`;
}

/** A word as bash reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A word as sbatch reads it from a comment. */
function directive(word: string): string {
  return /\s/.test(word) ? `"${word}"` : word;
}
