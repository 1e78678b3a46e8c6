/**
 * The ledger of a batch: which jobs there are, who holds them, how they ended. Several processes on
 * one folder agree through it.
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { openLedgerFile, sqlite, transaction } from "./ledger_file.ts";
import { type JobState, type LedgerRow, type OutputFile, rowOf } from "./ledger_rows.ts";
import type { HashedFile } from "../pipelines/record/mod.ts";
import type { LeaseWatch } from "./lease_watch.ts";
import type { Owner } from "./owner.ts";

/** A job as the ledger is told of it. */
export interface LedgerEntry {
  readonly id: string;
  /** SHA-256 of `record`. */
  readonly hash: string;
  /** The job as it was written, as JSON. */
  readonly record: string;
  /** Within the batch's folder. */
  readonly output: string;
  /** Jobs of one text share loaded models. */
  readonly models: string;
}

/** A job that is held; only the attempt that holds it may end it. */
export interface Claim {
  readonly id: string;
  readonly attempt: number;
  readonly owner: Owner;
  /** How often a process that held it has vanished. */
  readonly cuts: number;
}

/** How a job came out. */
export interface Made {
  readonly seconds: number;
  readonly inputs: readonly HashedFile[];
  readonly outputs: readonly OutputFile[];
}

/** An open ledger. Its methods throw {@linkcode IoError} where the disk refuses. */
export class Ledger {
  readonly path: string;
  readonly #db: DatabaseSync;

  private constructor(path: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
  }

  /**
   * Opens the ledger at `path`, and makes one unless `create` is false.
   *
   * @throws InputError for another file, a newer ledger, or none
   */
  static open(path: string, options: { readonly create?: boolean } = {}): Ledger {
    return new Ledger(path, openLedgerFile(path, options));
  }

  /** All rows, or those of `ids`, in their order. */
  rows(ids?: readonly string[]): LedgerRow[] {
    return this.#do(() => {
      if (!ids) {
        return this.#db.prepare("SELECT * FROM jobs ORDER BY rowid").all().map(rowOf);
      }
      const select = this.#db.prepare("SELECT * FROM jobs WHERE id = ?");
      return ids.flatMap((id) => {
        const row = select.get(id);
        return row ? [rowOf(row)] : [];
      });
    });
  }

  /** Adds jobs that are not there; those that are stay as they are. */
  add(entries: readonly LedgerEntry[]): void {
    this.#write(() => {
      const insert = this.#db.prepare(
        `INSERT INTO jobs (id, hash, record, output, state, added_at)
         VALUES (?, ?, ?, ?, 'pending', ?) ON CONFLICT (id) DO NOTHING`,
      );
      for (const { id, hash, record, output } of entries) {
        insert.run(id, hash, record, output, now());
      }
    });
  }

  /**
   * Makes a job pending, as if it had never run, under the record of `entry`. False where it is not any
   * more as `row` says: another process was quicker.
   */
  renew({ id, hash, record, output }: LedgerEntry, row: LedgerRow): boolean {
    return this.#write(() =>
      this.#db.prepare(
        `UPDATE jobs SET hash = ?, record = ?, output = ?, state = 'pending', failures = 0, cuts = 0,
           error = NULL, seconds = NULL, inputs = NULL, outputs = NULL
         WHERE id = ? AND state = ? AND attempts = ?`,
      ).run(hash, record, output, id, row.state, row.attempts).changes === 1
    );
  }

  /** Says which jobs this process may take, in their order. */
  want(entries: readonly LedgerEntry[]): void {
    this.#do(() => {
      this.#db.exec(
        `DROP TABLE IF EXISTS temp.wanted;
         CREATE TEMP TABLE wanted (id TEXT PRIMARY KEY, place INTEGER, models TEXT)`,
      );
      transaction(this.#db, () => {
        const insert = this.#db.prepare("INSERT INTO temp.wanted VALUES (?, ?, ?)");
        entries.forEach(({ id, models }, place) => insert.run(id, place, models));
      });
    });
  }

  /**
   * Takes a wanted job that is pending: those that never failed or vanished first, among them those
   * whose models are `models`, then in their order. First it frees jobs whose holder is gone.
   */
  claim(
    owner: Owner,
    { watch, models = "" }: { readonly watch: LeaseWatch; readonly models?: string },
  ): Claim | undefined {
    return this.#write(() => {
      this.#freeExpired(watch);
      const found = this.#db.prepare(
        `SELECT id, attempts, cuts FROM jobs JOIN temp.wanted USING (id) WHERE state = 'pending'
         ORDER BY failures + cuts, models <> ?, place LIMIT 1`,
      ).get(models) as { id: string; attempts: number; cuts: number } | undefined;
      if (!found) return undefined;
      const { id, attempts, cuts } = found;
      const claim = { id, attempt: attempts + 1, owner, cuts };
      this.#db.prepare(
        `UPDATE jobs SET state = 'running', attempts = ?, owner = ?, owner_key = ?, beat = 0,
           beat_at = ?, started_at = ?, ended_at = NULL WHERE id = ?`,
      ).run(claim.attempt, owner.name, owner.key, now(), now(), claim.id);
      this.#db.prepare(
        "INSERT INTO attempts (id, attempt, owner, started_at) VALUES (?, ?, ?, ?)",
      ).run(claim.id, claim.attempt, owner.name, now());
      return claim;
    });
  }

  /** A sign of life for a job that is held; false where it is held no more. */
  beat({ id, attempt, owner }: Claim): boolean {
    return this.#write(() =>
      this.#db.prepare(
        `UPDATE jobs SET beat = beat + 1, beat_at = ?
         WHERE id = ? AND state = 'running' AND attempts = ? AND owner_key = ?`,
      ).run(now(), id, attempt, owner.key).changes === 1
    );
  }

  /** Ends a held job well; false where it is held no more. */
  finish(claim: Claim, { seconds, inputs, outputs }: Made): boolean {
    return this.#end(claim, { state: "done", result: "done" }, () => {
      this.#db.prepare(
        "UPDATE jobs SET seconds = ?, error = NULL, inputs = ?, outputs = ? WHERE id = ?",
      ).run(seconds, JSON.stringify(inputs), JSON.stringify(outputs), claim.id);
    });
  }

  /** Ends a held job badly; with `again` it is pending once more. False where it is held no more. */
  fail(
    claim: Claim,
    error: string,
    { again, inputs = [] }: { readonly again: boolean; readonly inputs?: readonly HashedFile[] },
  ): boolean {
    return this.#end(
      claim,
      { state: again ? "pending" : "failed", result: "failed", error },
      () => {
        this.#db.prepare(
          "UPDATE jobs SET failures = failures + 1, error = ?, inputs = ? WHERE id = ?",
        ).run(error, JSON.stringify(inputs), claim.id);
      },
    );
  }

  /** Gives a held job back as it is. */
  release(claim: Claim): boolean {
    return this.#end(claim, { state: "pending", result: "interrupted" });
  }

  /** Jobs held by processes whose key begins so. */
  heldBy(keyPrefix: string): LedgerRow[] {
    return this.#do(() =>
      this.#db.prepare(
        "SELECT * FROM jobs WHERE state = 'running' AND substr(owner_key, 1, ?) = ?",
      ).all(keyPrefix.length, keyPrefix).map(rowOf)
    );
  }

  /** How many of the wanted jobs are in each state. */
  counts(): Record<JobState, number> {
    return this.#do(() => {
      const counts = { pending: 0, running: 0, done: 0, failed: 0 };
      const select = this.#db.prepare(
        "SELECT state, count(*) AS n FROM jobs JOIN temp.wanted USING (id) GROUP BY state",
      );
      for (const { state, n } of select.all()) counts[state as JobState] = n as number;
      return counts;
    });
  }

  /** The hash of a file that had the same facts when it was last read. */
  knownHash(path: string, facts: string): string | undefined {
    return this.#do(() =>
      this.#db.prepare("SELECT sha256 FROM files WHERE path = ? AND facts = ?").get(path, facts)
        ?.sha256 as string | undefined
    );
  }

  /** Remembers a file's hash. */
  rememberHash(path: string, facts: string, sha256: string): void {
    this.#write(() => {
      this.#db.prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?)").run(path, facts, sha256);
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #freeExpired(watch: LeaseWatch): void {
    const running = this.#db.prepare(
      "SELECT * FROM jobs JOIN temp.wanted USING (id) WHERE state = 'running'",
    ).all().map(rowOf);
    for (const row of running.filter((row) => watch.expired(row))) {
      this.#db.prepare(
        "UPDATE jobs SET state = 'pending', cuts = cuts + 1, owner_key = NULL WHERE id = ?",
      ).run(row.id);
      this.#endAttempt(row.id, row.attempts, { result: "cut" });
    }
  }

  #end(
    { id, attempt, owner }: Claim,
    { state, ...end }: AttemptEnd & { readonly state: JobState },
    also: () => void = () => {},
  ): boolean {
    return this.#write(() => {
      const { changes } = this.#db.prepare(
        `UPDATE jobs SET state = ?, ended_at = ?, owner_key = NULL
         WHERE id = ? AND state = 'running' AND attempts = ? AND owner_key = ?`,
      ).run(state, now(), id, attempt, owner.key);
      if (changes !== 1) return false;
      this.#endAttempt(id, attempt, end);
      also();
      return true;
    });
  }

  #endAttempt(id: string, attempt: number, { result, error }: AttemptEnd): void {
    this.#db.prepare(
      "UPDATE attempts SET ended_at = ?, result = ?, error = ? WHERE id = ? AND attempt = ?",
    ).run(now(), result, error ?? null, id, attempt);
  }

  #do<T>(body: () => T): T {
    return sqlite(this.path, body);
  }

  #write<T>(body: () => T): T {
    return this.#do(() => transaction(this.#db, body));
  }
}

interface AttemptEnd {
  readonly result: "done" | "failed" | "interrupted" | "cut";
  readonly error?: string;
}

function now(): string {
  return new Date().toISOString();
}
