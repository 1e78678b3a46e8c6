/**
 * What a result was made from: the whole job and the hashes of every file that it read. Stored beside
 * the result and, for videos, inside it, so that it can be made again.
 * @module
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import config from "../../../deno.json" with { type: "json" };
import { InputError } from "../../errors.ts";
import {
  exists,
  isSequencePattern,
  readJson,
  readVideoMetadata,
  SafetensorsFile,
  sha256File,
} from "../../io/mod.ts";
import { findLibtorch } from "../../native/mod.ts";
import {
  describeIssues,
  inputFiles,
  type Job,
  type JobInput,
  mapJobPaths,
  readWritten,
  storedJobSchema,
} from "../job/mod.ts";
import { withDtype } from "./job_dtype.ts";
import { foundPaths, fullPaths, portablePaths } from "./record_paths.ts";

const hashedFile = z.strictObject({ path: z.string(), sha256: z.string().length(64) });

/**
 * A record as it is stored.
 * @internal
 */
export const recordSchema = z.object({
  format: z.literal("isa4d-generation"),
  version: z.literal(1),
  job: storedJobSchema,
  inputs: z.array(hashedFile),
  weights: z.array(hashedFile),
  versions: z.record(z.string(), z.string()),
});

/** A file and what it held when it was read. */
export type HashedFile = z.infer<typeof hashedFile>;

/** Everything that made one result. */
export type GenerationRecord = (typeof recordSchema)["_output"];

/** A job file's content, to be checked by `parseJob` when flags have been laid over it. */
export async function readJobFile(path: string): Promise<Partial<JobInput>> {
  const value = await readJson(path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`cannot use "${path}" as a job: expected a JSON object, see isa4d schema`);
  }
  const format = formatOf(value);
  if (format?.startsWith("isa4d-")) {
    const text = `"${path}" is no bare job but a record`;
    throw new InputError(kinds[format] ? `${text}: give it to --from` : `${text} of another kind`);
  }
  return readWritten(value) as Partial<JobInput>;
}

/**
 * Joins a job to the hashes of what it reads; `hash` may know them from before. The number type is the
 * one that is really used.
 */
export async function makeRecord(
  job: Job,
  weights: readonly string[],
  { hash = sha256File }: { readonly hash?: (path: string) => Promise<string> } = {},
): Promise<GenerationRecord> {
  const libtorch = findLibtorch();
  return {
    format: "isa4d-generation",
    version: 1,
    job: withDtype(job),
    inputs: await hashAll(inputFiles(job), hash),
    weights: await hashAll(weights, hash),
    versions: {
      isa4d: config.version,
      deno: Deno.version.deno,
      ...(libtorch ? { libtorch: libtorch.version } : {}),
    },
  };
}

/** Where the record of a result lies: `out.mp4.json`, or `metadata.json` beside numbered pictures. */
export function recordPath(output: string): string {
  return isSequencePattern(output) ? join(output, "..", "metadata.json") : `${output}.json`;
}

/**
 * Reads a record from a video's container, from a record file, or from a folder of pictures. Throws
 * {@linkcode InputError} where there is none or it is broken.
 */
export async function readRecord(path: string): Promise<GenerationRecord> {
  const folder = await carrierFolder(path);
  const record = fullRecord(checkedRecord(await readRaw(path), path), folder);
  return await foundPaths(record, { mapOwn, folder, weights: record.job.weights });
}

function mapOwn(record: GenerationRecord, map: (path: string) => string): GenerationRecord {
  return { ...record, job: mapJobPaths(record.job, map) };
}

/** The record as the file `carrier` stores it: paths start at its folder. */
export function portableRecord(record: GenerationRecord, carrier: string): GenerationRecord {
  return portablePaths(record, { mapOwn, carrier });
}

function fullRecord(record: GenerationRecord, folder: string): GenerationRecord {
  return fullPaths(record, { mapOwn, folder });
}

/** Where the paths of a record that was read by `path` start. */
export async function carrierFolder(path: string): Promise<string> {
  const found = await Deno.stat(path).catch(() => undefined);
  return found?.isDirectory ? path : dirname(path);
}

/** The record in a text that was found in `path`. Throws {@linkcode InputError} where it is broken. */
export function parseRecord(text: string, path: string): GenerationRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`"${path}" carries no isa4d record; it is other text`, { cause });
  }
  return fullRecord(checkedRecord(value, path), dirname(path));
}

/** Records that are made again, and by which command. */
const kinds: Record<string, string> = {
  "isa4d-generation": "generate",
  "isa4d-grid": "grid",
};

function formatOf(value: unknown): string | undefined {
  const { format } = (value ?? {}) as { format?: unknown };
  return typeof format === "string" ? format : undefined;
}

/** Throws {@linkcode InputError} for a record that another command than `wanted`'s makes again. */
export function refuseOtherKind(value: unknown, { path, wanted }: {
  readonly path: string;
  readonly wanted: "isa4d-generation" | "isa4d-grid";
}): void {
  const format = formatOf(value);
  if (format === undefined || format === wanted || !Object.hasOwn(kinds, format)) return;
  const what = format === "isa4d-grid" ? "a grid" : "one video";
  throw new InputError(
    `"${path}" was made as ${what}: \`isa4d ${kinds[format]} --from\` makes it again`,
  );
}

function checkedRecord(value: unknown, path: string): GenerationRecord {
  refuseOtherKind(value, { path, wanted: "isa4d-generation" });
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) {
    throw new InputError(`"${path}" carries no isa4d record: ${describeIssues(parsed.error)}`);
  }
  return parsed.data;
}

/**
 * Compares files with the hashes that a record holds; throws {@linkcode InputError} that names the
 * first one missing or changed. Only files that `concerns` accepts are compared.
 */
export async function checkRecord(
  { inputs, weights }: Pick<GenerationRecord, "inputs" | "weights">,
  concerns: (path: string) => boolean = () => true,
): Promise<void> {
  for (const { path, sha256 } of [...inputs, ...weights].filter(({ path }) => concerns(path))) {
    const now = await sha256File(path);
    if (now !== sha256) {
      throw new InputError(
        `"${path}" has changed since the video was made: its SHA-256 is ${
          now.slice(0, 12)
        }…, the record says ${
          sha256.slice(0, 12)
        }…; bring the old file back, or give the new one by its flag`,
      );
    }
  }
}

/** Files and what they hold. */
export async function hashAll(
  paths: readonly string[],
  hash: (path: string) => Promise<string> = sha256File,
): Promise<HashedFile[]> {
  const hashed: HashedFile[] = [];
  for (const path of paths) hashed.push({ path, sha256: await hash(path) });
  return hashed;
}

/**
 * The record in a video, a record file, a folder of pictures or their pattern, latents or a saved
 * walk, or beside a file that can hold none; unchecked.
 */
export async function readRaw(path: string): Promise<unknown> {
  if (path.endsWith(".json")) return await readJson(path);
  if (isSequencePattern(path)) return await readJson(recordPath(path));
  const found = await Deno.stat(path).catch(() => undefined);
  if (found?.isDirectory) return await readJson(join(path, "metadata.json"));
  if (path.endsWith(".safetensors")) return await recordOfTensors(path);
  const text = await readVideoMetadata(path);
  if (text === undefined) {
    const beside = recordPath(path);
    if (await exists(beside)) return await readJson(beside);
    throw new InputError(`"${path}" carries no isa4d record; its comment is empty`);
  }
  return parseText(text, `"${path}" carries no isa4d record; its comment is other text`);
}

async function recordOfTensors(path: string): Promise<unknown> {
  using file = await SafetensorsFile.open(path);
  const { record } = file.metadata;
  if (!record) throw new InputError(`"${path}" carries no isa4d record in its metadata`);
  return parseText(record, `"${path}" carries no isa4d record; its metadata is other text`);
}

function parseText(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(otherwise, { cause });
  }
}
