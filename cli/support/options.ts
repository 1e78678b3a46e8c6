/**
 * Option values, checked by the same zod schemas as the records that they fill.
 * @module
 */
import { basename } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { z } from "zod";
import { describeIssue } from "../../lib/pipelines/job/mod.ts";
import { group } from "./help.ts";

/** A commander parser: text through `schema`; numbers are read first where the schema wants one. */
export function value<T>(schema: z.ZodType<T>): (text: string) => T {
  return (text) => {
    const asNumber = text.trim() === "" ? NaN : Number(text);
    const candidates = Number.isNaN(asNumber) ? [text] : [asNumber, text];
    const results = candidates.map((candidate) => schema.safeParse(candidate));
    const good = results.find(({ success }) => success);
    if (good?.success) return good.data;
    throw new InvalidArgumentError(describeIssue(results[0].error!.issues[0]));
  };
}

/** A parser for an option that may be given several times. */
export function repeated<T>(
  parse: (text: string) => T,
): (text: string, before: T[] | undefined) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** The text itself, refused when empty. */
export function text(given: string): string {
  if (given === "") throw new InvalidArgumentError("expected a name, got an empty text");
  return given;
}

/** A file or folder, and what it is called in tables and figures. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** Reads `name=path`; a path alone is called by its last part. */
export function namedPath(given: string): NamedPath {
  const [, name, path] = /^([^/=]+)=(.+)$/s.exec(given) ?? [given, basename(given), given];
  if (path === "") throw new InvalidArgumentError("expected path or name=path");
  return { name, path };
}

/** A number and what belongs to it: `2=side.mp4`. */
export function numbered(given: string): [number, string] {
  const [, number, name] = /^(\d+)=(.+)$/s.exec(given) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError("expected number=file, such as 0=front.mp4");
  }
  return [Number(number), name];
}

/** The flag of every command that writes files. */
export function overwriteOption() {
  return new Option("-y, --overwrite", "replace existing outputs").helpGroup(group.output);
}

/** `--sign`, of commands whose results carry Content Credentials. */
export function signOption() {
  return new Option(
    "--sign <cert.pem,key.pem>",
    "sign the results with Content Credentials (C2PA)",
  ).argParser(text).helpGroup(group.output);
}
