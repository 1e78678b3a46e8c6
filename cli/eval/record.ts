/**
 * What the commands of `isa4d eval` share: their records, tables, and the folder that they fill.
 * @module
 */
import { join } from "node:path";
import {
  type EvalKind,
  type Metric,
  type MetricName,
  metrics,
} from "../../lib/eval/metrics/mod.ts";
import type { Protocol } from "../../lib/eval/mod.ts";
import { protocolLine } from "../../lib/eval/mod.ts";
import { type PlannedOutput, writeJson } from "../../lib/io/mod.ts";
import type { Context } from "../support/context.ts";
import { isRecord } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag } from "../support/outputs.ts";

/** What `isa4d eval report` reads. */
export interface EvalRecord {
  readonly format: "isa4d-eval";
  readonly version: 1;
  readonly kind: EvalKind;
  readonly protocol: Protocol;
}

/** How a result goes out. */
export interface OutFlags extends OverwriteFlag {
  readonly json?: true;
  readonly output?: string;
}

/** What a command of `isa4d eval` writes besides its record, and reads. */
export interface EvalFiles {
  /** Paths as they were given. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs?: readonly PlannedOutput[];
}

/** Checks, before any work, the record of `--output` and other outputs; no record replaces another. */
export async function checkEval(
  kind: EvalRecord["kind"],
  { flags, inputs, outputs = [] }: EvalFiles & { readonly flags: OutFlags },
  context: Context,
): Promise<void> {
  const record = flags.output === undefined ? undefined : {
    flag: "--output",
    path: join(context.path(flags.output), `${kind}.json`),
    ours: (path: string) => isRecord(path, ["isa4d-eval"]),
  };
  const given = inputs.filter((path) => path !== undefined).map(context.path);
  await checkOutputs([record, ...outputs], { ...flags, inputs: given }, context);
}

/** Prints a record, as JSON or as lines for people that end with the protocol; keeps it in `--output`. */
export async function giveRecord<T extends EvalRecord>(
  record: T,
  lines: readonly string[],
  { flags, context }: { readonly flags: OutFlags; readonly context: Context },
): Promise<void> {
  if (flags.output !== undefined) {
    await writeJson(join(context.path(flags.output), `${record.kind}.json`), record);
  }
  if (flags.json) return await context.print(JSON.stringify(record));
  for (const line of [...lines, `protocol: ${protocolLine(record.protocol)}`]) {
    await context.print(line);
  }
}

/** Rows of text in columns; the first column is left aligned, numbers on the right. */
export function textTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  );
}

/** A metric's value with its own digits. */
export function shownScore(name: MetricName, value: number | null | undefined): string {
  const { digits }: Metric = metrics[name];
  return shown(value, digits);
}

/** A score with the digits that people read; — where there is none. */
export function shown(value: number | null | undefined, digits: number = 4): string {
  return value === null || value === undefined ? "—" : value.toFixed(digits);
}
