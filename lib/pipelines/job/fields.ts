/**
 * All fields that a flag fills, as the schema declares them.
 * @module
 */
import { z } from "zod";
import { factsOf, type FieldFacts } from "./field.ts";
import { withoutDefault } from "./paths.ts";
import { writtenJobSchema } from "./quality.ts";
import { personSchema, referenceName, referenceSchema } from "./schema.ts";

/** One field. */
export interface JobField {
  /** As flags name it, in camelCase: `cfgScale`, and `refImage` for a reference's `image`. */
  readonly name: string;
  /** What it is a field of. */
  readonly of: "reference" | "person" | "job";
  readonly schema: z.ZodType;
  readonly facts: FieldFacts;
  readonly description: string;
  /** The values that there are, where they can be listed. */
  readonly choices?: readonly string[];
  /** The default as one would type it. */
  readonly fallback?: string;
}

/** Every field, in the order of the help. */
export const jobFields: readonly JobField[] = [
  ...fieldsOf(referenceSchema, "reference"),
  ...fieldsOf(personSchema, "person"),
  ...fieldsOf(writtenJobSchema, "job"),
];

function fieldsOf({ shape }: z.ZodObject, of: JobField["of"]): JobField[] {
  return Object.entries(shape).flatMap(([key, part]) => {
    const schema = part as z.ZodType;
    const facts = factsOf(schema);
    if (!facts) return [];
    const type = withoutDefault(schema);
    return [{
      ...{ of, schema, facts, description: schema.description ?? "" },
      name: of === "reference" ? referenceName(key) : key,
      choices: type instanceof z.ZodEnum ? type.options.map(String) : undefined,
      fallback: facts.shown ?? defaultOf(schema),
    }];
  });
}

function defaultOf(schema: z.ZodType): string | undefined {
  return schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : undefined;
}
