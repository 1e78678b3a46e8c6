/**
 * A file of jobs: one JSON object a line, each a job record as `isa4d schema` prints it, with an id if
 * wanted. The first line may hold what all have in common.
 * @module
 */
import { isAbsolute, join, normalize } from "node:path";
import { z } from "zod";
import {
  describeIssues,
  type Job,
  type JobInput,
  jobObject,
  mapJobPaths,
  partOfJobSchema,
  readWritten,
  storedJobSchema,
} from "../pipelines/job/mod.ts";
import { outputKind } from "../pipelines/record/mod.ts";
import { sizedAsInputs } from "../pipelines/scene/mod.ts";
import { canonicalJson, hashOf, idFromHash } from "./identity.ts";
import { withoutClashes, type WrongId } from "./jobs_clashes.ts";
import type { LedgerEntry } from "./ledger.ts";

/** One job of a batch. */
export interface BatchEntry extends LedgerEntry {
  /** Where it stands in the file. */
  readonly line: number;
  /** With all paths and defaults filled in. */
  readonly job: Job;
  /** What nobody said of the video's size and length: its inputs may. */
  readonly unsaid: readonly SizeField[];
}

const sizeFields = ["width", "height", "fps", "frames"] as const;
type SizeField = typeof sizeFields[number];

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
  /** Lines that cannot be made, as far as they say something: their files and names may be wrong too. */
  readonly wrong: Pick<BatchEntry, "line" | "job">[];
}

/** Name of an output where neither job nor defaults say one. */
const OUTPUT = "{id}.mp4";

const idSchema = z.string().regex(
  /^[A-Za-z0-9][\w.-]{0,99}$/,
  "expected letters, digits, dot, dash and underscore, at most 100",
);

const defaultsSchema = z.strictObject({ defaults: partOfJobSchema });

/** Reads all lines; a wrong one becomes a problem, not an error. */
export function parseJobsFile(text: string, options: JobsFileOptions): JobsFile {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
    .map((content, i) => ({ content, line: i + 1 }))
    .filter(({ content }) => content.trim() !== "");
  const found: JobsFile = { entries: [], problems: [], wrong: [] };
  const wrongIds: WrongId[] = [];
  let defaults: Defaults = { given: {}, wrong: new Set() };
  lines.forEach(({ content, line }, place) => {
    const problem = (message: string) => found.problems.push({ line, message });
    try {
      const value = objectOf(content);
      if ("defaults" in value) {
        if (place > 0) throw new LineError("defaults stand in the first line, before all jobs");
        defaults = readDefaults(value, problem);
      } else found.entries.push(readEntry(value, { ...options, line, defaults }));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problem(error.message);
      const { job, id } = error.about;
      if (job) found.wrong.push({ line, job });
      if (id !== undefined) wrongIds.push({ line, id });
    }
  });
  return withoutClashes(found, wrongIds);
}

/** A line that cannot be made, and what it says nevertheless. */
class LineError extends Error {
  readonly about: { readonly job?: Job; readonly id?: string };

  constructor(message: string, about: LineError["about"] = {}) {
    super(message);
    this.about = about;
  }
}

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

/** What a file says of all its jobs, as written: what zod fills in would hide the flags. */
interface Defaults {
  readonly given: Partial<JobInput>;
  /** Fields that are wrong there, which no line after it is blamed for. */
  readonly wrong: ReadonlySet<string>;
}

function readDefaults(
  value: Record<string, unknown>,
  problem: (message: string) => void,
): Defaults {
  const parsed = defaultsSchema.safeParse(value);
  if (!parsed.success) problem(describeIssues(parsed.error));
  const { defaults: given } = value;
  const issues = parsed.error?.issues ?? [];
  const wrong = new Set(issues.flatMap(({ path }) => path.length > 1 ? [String(path[1])] : []));
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  return { given: isObject ? given as Partial<JobInput> : {}, wrong };
}

interface Reading extends JobsFileOptions {
  readonly line: number;
  readonly defaults: Defaults;
}

function readEntry(
  { id: given, ...asWritten }: Record<string, unknown>,
  { line, defaults, flags = {}, resolve, out }: Reading,
): BatchEntry {
  const id = given === undefined ? undefined : idSchema.safeParse(given);
  const written = readWritten(asWritten) as typeof asWritten;
  // Only what comes from the file is relative to it; the flags' paths are full already.
  const merged: Record<string, unknown> = {
    ...{ output: OUTPUT, ...readWritten(defaults.given) as Partial<JobInput> },
    ...flags,
    ...written,
  };
  const parsed = storedJobSchema.safeParse(merged);
  if (!parsed.success || id?.success === false) {
    const wrong = [
      ...(id?.success === false ? [`id: ${describeIssues(id.error)}`] : []),
      ...(parsed.success ? [] : ownIssues(parsed.error, { defaults, written })),
    ];
    const job = mapped(parsed.data ?? withoutWrong(merged, parsed.error!), resolve);
    throw new LineError(wrong.join("; "), { job, id: id?.data });
  }
  const { output: name, ...rest } = parsed.data;
  // As written: a later version's new fields must not change it.
  const own = { ...defaults.given, ...flags, ...asWritten, output: undefined };
  const found = id?.data ?? idFromHash(hashOf(own));
  const output = outputName(name, {
    id: found,
    about: { job: mapped(parsed.data, resolve), id: id?.data },
  });
  const record = { ...rest, output };
  // Resolving a full path leaves it as it is.
  const job = mapJobPaths({ ...rest, output: join(out, output) }, resolve);
  return {
    ...{ id: found, line, output, job },
    hash: recordHash(record),
    record: canonicalJson(record),
    models: hashOf([job.weights, job.lora, job.device]),
    unsaid: sizeFields.filter((field) => !Object.hasOwn(merged, field)),
  };
}

/** A job as large and as long as its photo and its driving video are, where its line does not say. */
export async function sizedEntry(entry: BatchEntry): Promise<BatchEntry> {
  const { job, unsaid } = entry;
  const said = Object.fromEntries(
    Object.entries(job).filter(([name]) => !unsaid.some((field) => field === name)),
  );
  const sized = await sizedAsInputs(said as Partial<JobInput>, (path) => path);
  const found = Object.fromEntries(
    unsaid.flatMap((field) => sized[field] === undefined ? [] : [[field, sized[field]]]),
  );
  if (Object.keys(found).length === 0) return entry;
  const record = storedJobSchema.parse({ ...JSON.parse(entry.record), ...found });
  return {
    ...entry,
    job: { ...job, ...found },
    hash: recordHash(record),
    record: canonicalJson(record),
  };
}

/** What is wrong in a line; what the defaults are to blame for is said of them. */
function ownIssues(
  error: z.ZodError,
  { defaults, written }: { readonly defaults: Defaults; readonly written: object },
): string[] {
  const own = error.issues.filter(({ path: [field] }) =>
    field === undefined || Object.hasOwn(written, field) || !defaults.wrong.has(String(field))
  );
  return [own.length === 0 ? "its defaults are wrong" : describeIssues({ issues: own })];
}

/** The job without the fields that are wrong; undefined where it needs these. */
function withoutWrong(merged: Record<string, unknown>, error: z.ZodError): Job | undefined {
  const wrong = new Set(error.issues.map(({ path: [field] }) => field));
  const rest = Object.entries(merged).filter(([field]) =>
    !wrong.has(field) && Object.hasOwn(jobObject.shape, field)
  );
  return storedJobSchema.safeParse(Object.fromEntries(rest)).data;
}

function mapped(job: Job | undefined, resolve: JobsFileOptions["resolve"]): Job | undefined {
  return job && mapJobPaths(job, resolve);
}

/** SHA-256 of a record with all defaults filled in; of a text that is none, it fits nothing. */
export function recordHash(record: unknown): string {
  const parsed = storedJobSchema.safeParse(record);
  return parsed.success ? hashOf(parsed.data) : "";
}

/** A name within the batch's folder, and of a kind that can be written. */
function outputName(
  name: string,
  { id, about }: { readonly id: string; readonly about: LineError["about"] },
): string {
  const output = normalize(name.replaceAll("{id}", id));
  if (name === "-" || isAbsolute(output) || output.split("/").includes("..")) {
    throw new LineError(
      `output: "${name}" is not within the batch's folder: give a name such as {id}.webm`,
      about,
    );
  }
  try {
    outputKind(output);
  } catch (error) {
    throw new LineError(`output: ${(error as Error).message}`, about);
  }
  return output;
}
