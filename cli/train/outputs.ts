/**
 * A training run's folder: what it holds, and whether it may be written to.
 * @module
 */
import { join } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import { exists } from "../../lib/io/mod.ts";
import type { Context } from "../support/context.ts";
import { filesIn } from "../support/job_outputs.ts";
import { checkOutputs, type OutputRules } from "../support/outputs.ts";

/** What a run may replace in its own folder without a question. */
const NOTES: readonly string[] = ["config.json", "log.jsonl", "best.json"];

/** What would be lost with a run. */
const RESULTS: readonly string[] = [
  ...["vae.safetensors", "isa_dit.safetensors", "lora.safetensors", "features.safetensors"],
];

/** How a run treats what its folder holds. */
export interface RunRules extends OutputRules {
  /** Goes on with the run that the folder holds. */
  readonly resume: boolean;
}

/**
 * Refuses a folder where the run would write to an input, or replace another run or files that are no
 * run's. Throws {@linkcode UsageError}.
 */
export async function checkRunFolder(
  out: string,
  { resume, ...rules }: RunRules,
  context: Context,
): Promise<void> {
  const isRun = await holdsRun(out);
  const known = { flag: "--output", ours: () => Promise.resolve(isRun), renews: true };
  const results = [...RESULTS, ...await checkpointsIn(out)];
  const replace = await checkOutputs(
    filesIn(out, [...NOTES, ...results, ...await sheetsIn(out)], known),
    rules,
    context,
  );
  if (!isRun || resume || replace) return;
  const [lost] = await there(out, results);
  if (lost === undefined) return;
  throw new UsageError(
    `"${out}" holds an earlier run, "${lost}" among its files: --resume auto continues it, -y starts over, --output names another folder`,
  );
}

/** Whether a training has written to the folder; it begins with its log and its configuration. */
async function holdsRun(folder: string): Promise<boolean> {
  const log = await Deno.readTextFile(join(folder, "log.jsonl")).catch(() => undefined);
  if (log === undefined) return false;
  const [first] = log.split("\n", 1);
  if (first === "") return true;
  try {
    const { step, kind } = JSON.parse(first);
    return step !== undefined || kind !== undefined;
  } catch {
    return false;
  }
}

async function checkpointsIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => /^step-\d{7}(\.rank-\d+-of-\d+)?\.safetensors$/.test(name));
}

async function sheetsIn(folder: string): Promise<string[]> {
  return (await namesIn(join(folder, "samples"))).map((name) => join("samples", name));
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

async function there(folder: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    if (await exists(join(folder, name))) found.push(name);
  }
  return found;
}
