/**
 * The part of a batch that one of several machines takes.
 * @module
 */
import { UsageError } from "../errors.ts";

/** Shard `index` of `of`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `2/4`, or `auto`: a Slurm array's task, or an indexed Kubernetes job whose manifest sets
 * JOB_COMPLETIONS. Throws {@linkcode UsageError}.
 */
export function parseShard(text: string, environment: Environment): Shard {
  if (text === "auto") return shardFrom(environment);
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (!of || !(index >= 1 && index <= of)) {
    const range = of ? `1/${of} to ${of}/${of}` : "such as 2/4";
    throw new UsageError(`there is no shard "${text}", expected ${range}, or auto`);
  }
  return { index, of };
}

/** Every `of`th item from the `index`th on. */
export function takeShard<T>(items: readonly T[], { index, of }: Shard): T[] {
  return items.filter((_, i) => i % of === index - 1);
}

function shardFrom(environment: Environment): Shard {
  const number = (name: string) => {
    const text = environment[name];
    if (text === undefined || !/^\d+$/.test(text)) {
      const found = text === undefined ? "it is not set" : `it is "${text}"`;
      throw new UsageError(`--shard auto needs ${name}: ${found}; give the shard as 2/4`);
    }
    return Number(text);
  };
  if (environment.SLURM_ARRAY_TASK_ID !== undefined) {
    const step = Number(environment.SLURM_ARRAY_TASK_STEP ?? 1) || 1;
    const of = number("SLURM_ARRAY_TASK_COUNT");
    const index = (number("SLURM_ARRAY_TASK_ID") - number("SLURM_ARRAY_TASK_MIN")) / step + 1;
    return checked({ index, of }, "the array has gaps");
  }
  if (environment.JOB_COMPLETION_INDEX !== undefined) {
    const of = number("JOB_COMPLETIONS");
    return checked({ index: number("JOB_COMPLETION_INDEX") + 1, of }, "JOB_COMPLETIONS is wrong");
  }
  throw new UsageError(
    "--shard auto finds neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX; give the shard as 2/4",
  );
}

function checked(shard: Shard, reason: string): Shard {
  const { index, of } = shard;
  if (Number.isInteger(index) && index >= 1 && index <= of) return shard;
  throw new UsageError(
    `--shard auto finds number ${index} of ${of}: ${reason}; give the shard as 2/4`,
  );
}
