/**
 * How a batch is told of: lines while it runs, a table at its end, records for programs.
 * @module
 */
import { join } from "node:path";
import type { JobEvent, Ledger, LedgerRow } from "../../lib/batch/mod.ts";
import type { Context } from "../support/context.ts";
import { makeProgress } from "../support/progress.ts";

/** Tells what happens to jobs. */
export interface Teller extends Disposable {
  readonly event: (event: JobEvent) => void;
  /** A process that takes jobs has ended badly. */
  readonly error: (text: string) => void;
  readonly stop: () => void;
}

/** Lines that are no events. */
export const describeEvent = {
  stopping: "stopping: this step ends, its state is kept (ctrl-C again: at once)",
} as const;

/** Tells events as lines, with how many jobs are done of how many. */
export function teller(
  context: Context,
  { done, of, several }: {
    readonly done: number;
    readonly of: number;
    /** Several jobs at once: one bar cannot show them. */
    readonly several: boolean;
  },
): Teller {
  const silent = several && context.log === "text";
  const progress = makeProgress(silent ? { ...context, quiet: true } : context);
  let count = done;
  if (done > 0) context.notice(`${done} of ${of} jobs are done already`);
  const event = (event: JobEvent) => {
    if (event.kind === "progress") {
      const { kind: _, ...state } = event;
      return progress.update({ label: `${event.id} ${event.stage}`, ...state });
    }
    progress.stop();
    if (event.kind === "notice") return context.warn(`${event.id}: ${event.text}`);
    if (event.kind === "done") count++;
    const { kind: state, ...fields } = event;
    context.event("job", { state, ...fields, count, of }, `[${count}/${of}] ${lineOf(event)}`);
  };
  return {
    event,
    error: (text) => {
      progress.stop();
      context.warn(text);
    },
    stop: progress.stop,
    [Symbol.dispose]: progress.stop,
  };
}

function lineOf(event: Exclude<JobEvent, { kind: "progress" | "notice" }>): string {
  const { id } = event;
  switch (event.kind) {
    case "begun":
      return `${id}: begun${event.attempt > 1 ? `, attempt ${event.attempt}` : ""}`;
    case "done":
      return `${id}: done in ${duration(event.seconds)}, ${event.output}`;
    case "failed":
      return `${id}: failed${event.again ? ", comes again" : ""}: ${event.error}`;
    case "interrupted":
      return `${id}: given back${event.resumable ? ", what was sampled is kept" : ""}`;
    case "lost":
      return `${id}: another process has taken it`;
  }
}

/** What is shown of a ledger. */
export interface ReportOptions {
  /** The batch's folder. */
  readonly out: string;
  /** Records on stdout. */
  readonly json?: boolean;
  /** All rows unless told. */
  readonly ids?: readonly string[];
}

/** The ledger as a table on stdout, or as records. */
export async function showStatus(
  ledger: Ledger,
  { out, json, ids }: ReportOptions,
  context: Context,
): Promise<void> {
  const rows = ledger.rows(ids);
  if (json) return await printRecords(rows, out, context);
  for (const line of [...table(rows), summary(rows)]) await context.print(line);
}

/** More rows than this are not shown where all is well with them. */
const SHOWN = 40;

/** The end of a run: its table on stderr, its records for programs. */
export async function endBatch(
  ledger: Ledger,
  { out, json, ids, before }: ReportOptions & { readonly before: number },
  context: Context,
): Promise<void> {
  const rows = ledger.rows(ids);
  if (json) await printRecords(rows, out, context);
  const text = summary(rows, before);
  if (context.log === "json") {
    for (const row of rows) context.event("result", { ...recordOf(row, out) }, "");
    return context.event("batch", { ...countStates(rows), before }, text);
  }
  const shown = rows.length > SHOWN ? rows.filter(({ state }) => state !== "done") : rows;
  for (const line of [...table(shown), text]) context.notice(line);
}

async function printRecords(
  rows: readonly LedgerRow[],
  out: string,
  context: Context,
): Promise<void> {
  for (const row of rows) await context.print(JSON.stringify(recordOf(row, out)));
}

function recordOf({ record: _, ownerKey: __, inputs, ...row }: LedgerRow, out: string) {
  return { ...row, output: join(out, row.output), inputs };
}

function table(rows: readonly LedgerRow[]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(({ id, state, attempts, seconds, cuts, ...row }) => [
    id,
    state,
    `${attempts}${cuts > 0 ? ` (${cuts} cut)` : ""}`,
    seconds === undefined || state !== "done" ? "" : duration(seconds),
    state === "running"
      ? `held by ${row.owner}, seen ${row.beatAt}`
      : state === "done"
      ? row.output
      : row.error ?? "",
  ]);
  const all = [["job", "state", "attempts", "time", "output or error"], ...cells];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}

function countStates(rows: readonly LedgerRow[]) {
  const count = (wanted: string) => rows.filter(({ state }) => state === wanted).length;
  return {
    ...{ jobs: rows.length, done: count("done"), failed: count("failed") },
    ...{ running: count("running"), pending: count("pending") },
  };
}

/** `5 jobs: 4 done (1 of them before), 1 failed`. */
function summary(rows: readonly LedgerRow[], before: number = 0): string {
  const { jobs, done, failed, running, pending } = countStates(rows);
  const states = [
    `${done} done${before > 0 ? ` (${before} of them before)` : ""}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(pending > 0 ? [`${pending} pending`] : []),
  ];
  return `${jobs} ${jobs === 1 ? "job" : "jobs"}: ${states.join(", ")}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
