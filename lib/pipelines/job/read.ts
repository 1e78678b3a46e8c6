/**
 * From what is written to a checked job.
 * @module
 */
import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { factsOf, longFlag } from "./field.ts";
import { describeIssues } from "./issues.ts";
import { qualityNames, withQuality, type WrittenJob, writtenJobSchema } from "./quality.ts";
import { type Job, jobObject, jobSchema, referenceName } from "./schema.ts";
import { withTrainedSize } from "./trained_size.ts";

/** Older names of fields, and today's. */
const renamed = new Map(
  Object.entries(jobObject.shape).flatMap(([name, schema]) => {
    const { was } = factsOf(schema) ?? {};
    return was === undefined ? [] : [[was, name] as const];
  }),
);

/** Today's fields for older names, and a set's settings for its name; what is no object stays. */
export function readWritten(value: unknown): unknown {
  const named = renameFields(value);
  return hasQuality(named) && isQuality(named.quality)
    ? withQuality(named as Partial<WrittenJob>)
    : named;
}

function renameFields(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value).map(([name, part]) => [renamed.get(name) ?? name, part]);
  return Object.fromEntries(fields);
}

function hasQuality(value: unknown): value is { readonly quality: unknown } {
  return typeof value === "object" && value !== null && "quality" in value;
}

function isQuality(value: unknown): boolean {
  return (qualityNames as readonly unknown[]).includes(value);
}

const asWritten = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value, context) => {
    const read = readWritten(value);
    if (!hasQuality(read)) return read;
    const message = `expected one of ${qualityNames.join(", ")}`;
    context.addIssue({ code: "custom", path: ["quality"], message });
    const { quality: _, ...rest } = read;
    return rest;
  }, schema);

/** A job as it is stored or written: older names and sets of settings are read too. */
export const storedJobSchema = z.preprocess(withTrainedSize, asWritten(jobSchema));

/** A part of a job, likewise. */
export const partOfJobSchema = asWritten(jobObject.partial());

/** Checks a job and fills its defaults; `name` is what messages call it. Throws {@linkcode ConfigError}. */
export function parseJob(value: unknown, name: string = "job"): Job {
  return readJob(value, (error) => `${name}: ${describeIssues(error)}`);
}

/** As {@linkcode parseJob}, for a job that flags alone made: messages name the flags. */
export function parseFlagsJob(value: unknown): Job {
  const flagOf = ([first, ...rest]: readonly PropertyKey[]): string => {
    const name = rest.findLast((part) => typeof part === "string");
    if (first === "persons" && name) return longFlag(name);
    return longFlag(first === "reference" && name ? referenceName(name) : String(first));
  };
  return readJob(value, (error) => describeIssues(error, flagOf));
}

function readJob(value: unknown, describe: (error: z.ZodError) => string): Job {
  const parsed = storedJobSchema.safeParse(value);
  if (!parsed.success) throw new ConfigError(describe(parsed.error));
  return parsed.data;
}

/** JSON Schema (draft 2020-12) of what {@linkcode parseJob} accepts. */
export function jobJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(writtenJobSchema, { io: "input" });
  return { title: "isa4d generation job", ...schema };
}
