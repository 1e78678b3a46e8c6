/**
 * What is known of a job's field besides its type. It is declared once, with the field: the flag, its
 * help, its group, the JSON Schema, the batch's key and the paths come from it.
 * @module
 */
import type { z } from "zod";

/** What a field is about, in the order of the help. */
export type FieldGroup = "inputs" | "scene" | "size" | "sampling" | "output" | "machine";

/** A field whose text may name a file. */
export interface FileFact {
  /** Weights and outputs are no inputs: records list weights apart. */
  readonly use: "input" | "weights" | "output";
  /** Applies `resolve` to the path within the text; a name such as `none` stays as it is. */
  readonly map: (text: string, resolve: (path: string) => string) => string;
}

/** A field's facts. The flag is the field's name: `cfgScale` is `--cfg-scale`. */
export interface FieldFacts {
  readonly group: FieldGroup;
  /** What the flag takes, as help shows it: `<pixels>`; absent for a switch. */
  readonly takes?: string;
  /** One letter that stands for the flag. */
  readonly short?: string;
  /** Help where the flag needs other words than the field's description. */
  readonly help?: string;
  /** Whether a job cannot do without. */
  readonly required?: true;
  /** The flag may come again, and its values make a list. */
  readonly again?: true;
  /** From the flag's text to a value; absent: as the type reads it. Throws {@link ConfigError}. */
  readonly read?: (text: string) => unknown;
  /** The default as one would type it; absent: as it is. */
  readonly shown?: string;
  readonly file?: FileFact;
  /** The field's name in older job files. */
  readonly was?: string;
}

const all = new WeakMap<z.ZodType, FieldFacts>();

/** Declares a field: its type, its description, its facts. */
export function field<S extends z.ZodType>(schema: S, description: string, facts: FieldFacts): S {
  const described = schema.describe(description);
  all.set(described, facts);
  return described;
}

/** What a field was declared with; undefined for a part of one. */
export function factsOf(schema: z.ZodType): FieldFacts | undefined {
  return all.get(schema);
}

/** The flag of a field: `cfgScale` is `--cfg-scale`. */
export function longFlag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
