/**
 * The files of a job, as its fields declare them.
 * @module
 */
import { z } from "zod";
import { factsOf, type FileFact } from "./field.ts";
import { withoutFragment } from "./files.ts";
import { type Job, type JobInput, jobSchema } from "./schema.ts";

/** Applies `resolve` to every path of a job, or of a part of one; names such as builtin:walk stay. */
export function mapJobPaths<T extends Partial<JobInput> | Job>(
  job: T,
  resolve: (path: string) => string,
): T {
  return mapFiles(jobSchema, job, ({ map }, text) => map(text, resolve)) as T;
}

/** Every file that a job reads, besides weights; each once. */
export function inputFiles(job: Job): string[] {
  const files = new Set<string>();
  mapFiles(jobSchema, job, ({ use, map }, text) =>
    map(text, (path) => {
      if (use === "input") files.add(withoutFragment(path));
      return path;
    }));
  return [...files];
}

/** A value with every text that is declared as a file put through `change`. */
function mapFiles(
  schema: z.ZodType,
  value: unknown,
  change: (file: FileFact, text: string) => string,
): unknown {
  const { file } = factsOf(schema) ?? {};
  if (file && typeof value === "string") return change(file, value);
  const type = withoutDefault(schema);
  if (type instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((part) => mapFiles(type.element as z.ZodType, part, change));
  }
  if (!(type instanceof z.ZodObject) || typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).map(([name, part]) => {
    const field = Object.hasOwn(type.shape, name) ? type.shape[name] : undefined;
    return [name, field ? mapFiles(field, part, change) : part];
  });
  return Object.fromEntries(parts);
}

/** The type within `default` and `optional`. */
export function withoutDefault(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
    ? withoutDefault(schema.unwrap() as z.ZodType)
    : schema;
}
