/**
 * A file of jobs: one JSON object a line, each a job record as `isa4d schema` prints it, with an id if
 * wanted. The first line may hold what all have in common.
 * @module
 */
import { isAbsolute, join, normalize } from "node:path";
import { z } from "zod";
import { describeIssues, type Job, type JobInput, jobSchema, mapJobPaths } from "../job/mod.ts";
import { outputKind } from "../output.ts";
import { recordPath } from "../provenance.ts";
import { canonicalJson, hashOf, idFromHash } from "./identity.ts";
import type { LedgerEntry } from "./ledger.ts";

/** One job of a batch. */
export interface BatchEntry extends LedgerEntry {
  /** Where it stands in the file. */
  readonly line: number;
  /** With all paths and defaults filled in. */
  readonly job: Job;
}

/** What is wrong with a line. */
export interface LineProblem {
  readonly line: number;
  readonly message: string;
}

/** How a file of jobs is read. */
export interface JobsFileOptions {
  /** Makes a path of the file a full one. */
  readonly resolve: (path: string) => string;
  /** The folder of the results. */
  readonly out: string;
  /** Laid over the file's own defaults; its paths are full ones. */
  readonly flags?: Partial<JobInput>;
}

/** Jobs, and what is wrong with the others. */
export interface JobsFile {
  readonly entries: BatchEntry[];
  readonly problems: LineProblem[];
}

/** Name of an output where neither job nor defaults say one. */
const OUTPUT = "{id}.mp4";

const idSchema = z.string().regex(
  /^[A-Za-z0-9][\w.-]{0,99}$/,
  "expected letters, digits, dot, dash and underscore, at most 100",
);

const defaultsSchema = z.strictObject({ defaults: jobSchema.partial() });

/** Reads all lines; a wrong one becomes a problem, not an error. */
export function parseJobsFile(text: string, options: JobsFileOptions): JobsFile {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
    .map((content, i) => ({ content, line: i + 1 }))
    .filter(({ content }) => content.trim() !== "");
  const entries: BatchEntry[] = [];
  const problems: LineProblem[] = [];
  let defaults: Partial<JobInput> = {};
  lines.forEach(({ content, line }, place) => {
    try {
      const value = objectOf(content);
      if ("defaults" in value) defaults = readDefaults(value, place);
      else entries.push(readEntry(value, { ...options, line, defaults }));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push({ line, message: error.message });
    }
  });
  return withoutClashes({ entries, problems });
}

class LineError extends Error {}

function objectOf(content: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new LineError(`it is not JSON: ${(error as Error).message.replace(/\s+/g, " ")}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new LineError("expected a JSON object, one job a line; see isa4d schema");
  }
  return value as Record<string, unknown>;
}

function readDefaults(value: Record<string, unknown>, place: number): Partial<JobInput> {
  if (place > 0) throw new LineError("defaults stand in the first line, before all jobs");
  const parsed = defaultsSchema.safeParse(value);
  if (!parsed.success) throw new LineError(describeIssues(parsed.error));
  // As written: what zod fills in would hide the flags.
  return value.defaults as Partial<JobInput>;
}

interface Reading extends JobsFileOptions {
  readonly line: number;
  readonly defaults: Partial<JobInput>;
}

function readEntry(
  { id: given, ...written }: Record<string, unknown>,
  { line, defaults, flags = {}, resolve, out }: Reading,
): BatchEntry {
  const id = given === undefined ? undefined : idSchema.safeParse(given);
  if (id?.success === false) throw new LineError(`id: ${describeIssues(id.error)}`);
  // Only what comes from the file is relative to it; the flags' paths are full already.
  const merged: Record<string, unknown> = { output: OUTPUT, ...defaults, ...flags, ...written };
  const parsed = jobSchema.safeParse(merged);
  if (!parsed.success) throw new LineError(describeIssues(parsed.error));
  const { output: name, ...rest } = parsed.data;
  // As written: a later version's new fields must not change it.
  const found = id?.data ?? idFromHash(hashOf({ ...merged, output: undefined }));
  const output = outputName(name, found);
  const record = { ...rest, output };
  // Resolving a full path leaves it as it is.
  const job = mapJobPaths({ ...rest, output: join(out, output) }, resolve);
  return {
    ...{ id: found, line, output, job },
    hash: recordHash(record),
    record: canonicalJson(record),
    models: hashOf([job.weights, job.loras, job.device]),
  };
}

/** SHA-256 of a record with all defaults filled in; of a text that is none, it fits nothing. */
export function recordHash(record: unknown): string {
  const parsed = jobSchema.safeParse(record);
  return parsed.success ? hashOf(parsed.data) : "";
}

/** A name within the batch's folder, and of a kind that can be written. */
function outputName(name: string, id: string): string {
  const output = normalize(name.replaceAll("{id}", id));
  if (name === "-" || isAbsolute(output) || output.split("/").includes("..")) {
    throw new LineError(
      `output: "${name}" is not within the batch's folder: give a name such as {id}.webm`,
    );
  }
  try {
    outputKind(output);
  } catch (error) {
    throw new LineError(`output: ${(error as Error).message}`);
  }
  return output;
}

/** Jobs of one id, or that would write one file, are all wrong but the first. */
function withoutClashes({ entries, problems }: JobsFile): JobsFile {
  const ids = new Map<string, BatchEntry>();
  const files = new Map<string, BatchEntry>();
  const clashes: LineProblem[] = [];
  const good = entries.filter((entry) => {
    const { id, line, output } = entry;
    const twin = ids.get(id);
    const other = [output, recordPath(output)].map((path) => files.get(path)).find((e) => e);
    if (twin || other) clashes.push({ line, message: clash(entry, twin, other) });
    if (twin || other) return false;
    ids.set(id, entry);
    for (const path of [output, recordPath(output)]) files.set(path, entry);
    return true;
  });
  return { entries: good, problems: [...problems, ...clashes].sort((a, b) => a.line - b.line) };
}

function clash({ id, output, hash }: BatchEntry, twin?: BatchEntry, other?: BatchEntry): string {
  if (!twin) return `output: "${output}" is line ${other!.line}'s too: put {id} into the name`;
  return twin.hash === hash
    ? `the job is that of line ${twin.line}: leave it out, or give each an id`
    : `id: "${id}" is line ${twin.line}'s too: give it another`;
}
