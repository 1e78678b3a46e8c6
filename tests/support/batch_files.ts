/**
 * Files of small jobs, and what a ledger remembers of them.
 * @module
 */
import { DatabaseSync } from "node:sqlite";

/** What the jobs of `writeJobFiles`' folder have in common. */
export const smallDefaults = {
  reference: { image: "me.png", pose: "me.json" },
  persons: [{ motion: "builtin:walk" }],
  weights: "./weights",
  ...{ width: 32, height: 32, frames: 3, steps: 2 },
};

/** A file of jobs that differ in their ids alone. */
export function jobLines(ids: readonly string[], defaults: Record<string, unknown> = {}): string {
  return lines([{ defaults: { ...smallDefaults, ...defaults } }, ...ids.map((id) => ({ id }))]);
}

/** One JSON object a line. */
export function lines(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value) + "\n").join("");
}

/** All attempts that a ledger tells of. */
export function attemptsOf(path: string): { id: string; attempt: number; result: string }[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare("SELECT id, attempt, result FROM attempts ORDER BY id, attempt").all()
      .map(({ id, attempt, result }) => ({
        ...{ id: String(id), attempt: Number(attempt), result: String(result) },
      }));
  } finally {
    db.close();
  }
}
