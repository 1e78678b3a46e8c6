/**
 * `--profile`: what each operator of a command took.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { writeJson } from "../../lib/io/mod.ts";
import { Profile, PROFILE_FORMAT } from "../../lib/tensor/mod.ts";
import type { Context } from "./context.ts";
import { isRecord } from "./job_outputs.ts";

/** Operators that the sum on stderr names. */
const NAMED = 5;

/**
 * Follows the operators of a command from now on; what this returns writes their trace to `file` and
 * says which took longest.
 * @throws {UsageError} where another file has that name already
 */
export async function startProfile(file: string, context: Context): Promise<() => Promise<void>> {
  const path = context.path(file);
  await requireOwn(path, file);
  const profile = new Profile();
  const stop = profile.start();
  return async () => {
    stop();
    await writeJson(path, profile.trace());
    const operators = profile.operators();
    const ms = operators.reduce((sum, operator) => sum + operator.ms, 0);
    const shares = operators.slice(0, NAMED).map((operator) =>
      `${operator.op} ${(100 * operator.ms / ms).toFixed(0)} % (${operator.calls})`
    );
    const line = operators.length === 0
      ? `no operator was called; the trace in ${path} is empty`
      : `operators took ${(ms / 1000).toFixed(1)} s: ${shares.join(", ")}; trace in ${path}`;
    context.event("profile", { path, ms, operators }, line);
  };
}

async function requireOwn(path: string, file: string): Promise<void> {
  if (!await Deno.lstat(path).catch(() => undefined)) return;
  if (await isRecord(path, [PROFILE_FORMAT])) return;
  throw new UsageError(`--profile "${file}" exists and is no profile: name another file`);
}
