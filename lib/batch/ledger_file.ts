/**
 * The SQLite file of a ledger: its tables, and SQLite's failures in this project's words.
 *
 * A rollback journal, not a write-ahead log: that one keeps its index in shared memory, which the
 * machines of a shared file system do not have in common. A batch writes a few rows a job.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { InputError, IoError, IsaError } from "../errors.ts";

/** "i4db": tells a ledger from other SQLite files. */
const APPLICATION_ID = 0x69346462;

const VERSION = 1;

/** How long one process waits for another one's few rows. */
const BUSY_MS = 30_000;

const tables = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    record TEXT NOT NULL,
    output TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    cuts INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    owner_key TEXT,
    beat INTEGER NOT NULL DEFAULT 0,
    beat_at TEXT,
    added_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    seconds REAL,
    error TEXT,
    inputs TEXT,
    outputs TEXT
  ) STRICT;
  CREATE INDEX jobs_by_state ON jobs (state);
  CREATE TABLE attempts (
    id TEXT NOT NULL REFERENCES jobs (id),
    attempt INTEGER NOT NULL,
    owner TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    result TEXT CHECK (result IN ('done', 'failed', 'interrupted', 'cut')),
    error TEXT,
    PRIMARY KEY (id, attempt)
  ) STRICT;
  CREATE TABLE files (
    path TEXT PRIMARY KEY,
    facts TEXT NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT;
`;

/**
 * Opens a ledger, and makes it where there is none unless `create` is false.
 *
 * @throws InputError for another file, a newer ledger, or none; IoError where the disk refuses
 */
export function openLedgerFile(
  path: string,
  { create = true }: { readonly create?: boolean } = {},
): DatabaseSync {
  if (!create && !exists(path)) {
    throw new InputError(`there is no ledger "${path}": no batch has run here`);
  }
  return sqlite(path, () => {
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      db.exec(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY",
      );
      transaction(db, () => prepareTables(db, path));
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function prepareTables(db: DatabaseSync, path: string): void {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  const count = db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n;
  const [id, version] = [pragma("application_id"), pragma("user_version")];
  if (count === 0) {
    db.exec(tables);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}`);
  } else if (id !== APPLICATION_ID) {
    throw new InputError(`"${path}" is another program's database; give another --output`);
  } else if (version !== VERSION) {
    throw new InputError(
      `the ledger "${path}" is of version ${version}, this isa4d reads version ${VERSION}; give another --output`,
    );
  }
}

/** Runs `body` whole or not at all, with nobody else writing. */
export function transaction<T>(db: DatabaseSync, body: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = body();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** What SQLite says; Deno gives no code for most of it. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/is locked/, "another process keeps it locked"],
  [/readonly/, "it may not be written"],
  [/disk I\/O error/, "the device reported an input/output error"],
  [/is full/, "the disk is full"],
  [/unable to open/, "it cannot be opened or made"],
  [/locking protocol/, "its file system cannot lock files"],
];

/** Runs `body`; what SQLite throws becomes one line that names the file. */
export function sqlite<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (cause instanceof IsaError) throw cause;
    const { message } = cause as Error;
    if (/not a database|malformed/.test(message)) {
      throw new InputError(`"${path}" is no ledger, or a damaged one; move it away`, { cause });
    }
    const reason = reasons.find(([pattern]) => pattern.test(message))?.[1] ?? message;
    throw new IoError(`cannot use the ledger "${path}": ${reason}`, { cause });
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
