/**
 * What `isa4d doctor` does.
 * @module
 */
import { EnvironmentError } from "../../lib/errors.ts";
import type { Context } from "../support/context.ts";
import type { Check } from "./check.ts";
import {
  folderCheck,
  mediaChecks,
  perceptionCheck,
  versionChecks,
  weightCheck,
} from "./machine.ts";
import { torchChecks } from "./torch.ts";

/** Flags of `isa4d doctor`. */
export interface DoctorFlags {
  readonly json?: true;
}

/**
 * Prints a line a check, or one record. Throws {@linkcode EnvironmentError} at the end where something
 * is broken.
 */
export async function runDoctor({ json }: DoctorFlags, context: Context): Promise<void> {
  const checks: Check[] = [];
  const add = async (found: readonly Check[]) => {
    checks.push(...found);
    if (json) return;
    for (const check of found) await context.print(lineOf(check));
  };
  await add(await versionChecks());
  const torch = await torchChecks();
  await add(torch.checks);
  await add(await mediaChecks());
  await add([await weightCheck(torch.usable)]);
  await add([await perceptionCheck()]);
  await add([await folderCheck(context.io.cwd)]);
  const broken = checks.filter(({ ok }) => !ok);
  if (json) {
    const record = { format: "isa4d-doctor", version: 1, ok: broken.length === 0, checks };
    await context.print(JSON.stringify(record));
  }
  if (broken.length > 0) {
    const names = broken.map(({ name }) => name).join(", ");
    throw new EnvironmentError(`${broken.length} of ${checks.length} checks failed: ${names}`);
  }
}

function lineOf({ name, ok, says, todo, steps = [] }: Check): string {
  const line = `${ok ? "ok" : "!!"}  ${name.padEnd(13)} ${says}`;
  const inset = `\n${" ".repeat(18)}`;
  const advice = todo === undefined ? "" : `${inset}→ ${todo}`;
  return line + advice + steps.map((step, i) => `${inset}  ${i + 1}. ${step}`).join("");
}
