/**
 * What a ledger knows of a job.
 * @module
 */
import type { SQLOutputValue } from "node:sqlite";
import type { HashedFile } from "../pipelines/record/mod.ts";

/** Where a job stands. */
export type JobState = "pending" | "running" | "done" | "failed";

/** A file that a job has written. */
export interface OutputFile extends HashedFile {
  /** Within the batch's folder. */
  readonly path: string;
  readonly bytes: number;
}

/** One job of a ledger. */
export interface LedgerRow {
  readonly id: string;
  /** SHA-256 of the record as it was written. */
  readonly hash: string;
  /** The job as it was written, as JSON. */
  readonly record: string;
  /** Within the batch's folder. */
  readonly output: string;
  readonly state: JobState;
  /** How often it was begun. */
  readonly attempts: number;
  /** How often it failed since its record or inputs last changed. */
  readonly failures: number;
  /** How often the process that held it vanished. */
  readonly cuts: number;
  /** `host:pid` of the process that holds it, or did so last. */
  readonly owner?: string;
  readonly ownerKey?: string;
  /** Counts the signs of life of the process that holds it. */
  readonly beat: number;
  readonly beatAt?: string;
  /** ISO 8601, as all times here. */
  readonly addedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Of the attempt that succeeded. */
  readonly seconds?: number;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** Inputs and weights as the last attempt that ended found them. */
  readonly inputs: readonly HashedFile[];
  readonly outputs: readonly OutputFile[];
}

/** Reads a row of table jobs. */
export function rowOf(raw: Record<string, SQLOutputValue>): LedgerRow {
  const text = (name: string) => (raw[name] as string | null) ?? undefined;
  const files = <T>(name: string): T[] => JSON.parse(text(name) ?? "[]");
  return {
    id: raw.id as string,
    hash: raw.hash as string,
    record: raw.record as string,
    output: raw.output as string,
    state: raw.state as JobState,
    attempts: raw.attempts as number,
    failures: raw.failures as number,
    cuts: raw.cuts as number,
    owner: text("owner"),
    ownerKey: text("owner_key"),
    beat: raw.beat as number,
    beatAt: text("beat_at"),
    addedAt: raw.added_at as string,
    startedAt: text("started_at"),
    endedAt: text("ended_at"),
    seconds: (raw.seconds as number | null) ?? undefined,
    error: text("error"),
    inputs: files("inputs"),
    outputs: files("outputs"),
  };
}
