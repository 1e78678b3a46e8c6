/**
 * The files of a job, as its fields declare them.
 * @module
 */
import { z } from "zod";
import { factsOf, type FileFact, longFlag } from "./field.ts";
import { withoutFragment } from "./files.ts";
import { type Job, type JobInput, jobSchema, referenceName, referenceSchema } from "./schema.ts";

/** Applies `resolve` to every path of a job, or of a part of one; names such as builtin:walk stay. */
export function mapJobPaths<T extends Partial<JobInput> | Job>(
  job: T,
  resolve: (path: string) => string,
): T {
  return mapFiles(jobSchema, job, ({ map }, text) => map(text, resolve)) as T;
}

/** A file that a job names. */
export interface JobFile {
  /** Without its `#frame=N` or `#tid=N` part. */
  readonly path: string;
  readonly use: FileFact["use"];
  /** The flag that names it: `-i`, `--ref-pose`. */
  readonly flag: string;
}

/** Every file that a job names. */
export function jobFiles(job: Job): JobFile[] {
  const files: JobFile[] = [];
  mapFiles(jobSchema, job, ({ use, map }, text, flag) =>
    map(text, (path) => {
      files.push({ path: withoutFragment(path), use, flag });
      return path;
    }));
  return files;
}

/** Every file that a job reads, besides weights; each once. */
export function inputFiles(job: Job): string[] {
  return [...new Set(jobFiles(job).filter(({ use }) => use === "input").map(({ path }) => path))];
}

/** A value with every text that is declared as a file put through `change`. */
function mapFiles(
  schema: z.ZodType,
  value: unknown,
  change: (file: FileFact, text: string, flag: string) => string,
  flag: string = "",
): unknown {
  const { file } = factsOf(schema) ?? {};
  if (file && typeof value === "string") return change(file, value, flag);
  const type = withoutDefault(schema);
  if (type instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((part) => mapFiles(type.element as z.ZodType, part, change, flag));
  }
  if (!(type instanceof z.ZodObject) || typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).map(([key, part]) => {
    const field = Object.hasOwn(type.shape, key) ? type.shape[key] as z.ZodType : undefined;
    // What is part of a field, as a file of `lora`, has the field's flag.
    const own = field && flag === "" ? flagOf(key, field, type === referenceSchema) : flag;
    return [key, field ? mapFiles(field, part, change, own) : part];
  });
  return Object.fromEntries(parts);
}

function flagOf(key: string, field: z.ZodType, ofReference: boolean): string {
  const facts = factsOf(field);
  if (!facts) return "";
  return facts.short ? `-${facts.short}` : longFlag(ofReference ? referenceName(key) : key);
}

/** The type within `default` and `optional`. */
export function withoutDefault(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
    ? withoutDefault(schema.unwrap() as z.ZodType)
    : schema;
}
