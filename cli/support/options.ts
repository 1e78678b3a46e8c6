/**
 * Option values, checked by the same zod schemas as the records that they fill.
 * @module
 */
import { basename } from "node:path";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { z } from "zod";
import { describeIssue } from "../../lib/pipelines/job/mod.ts";

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

/** Three numbers with commas between, in metres. */
export function triple(text: string): [number, number, number] {
  const numbers = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError("expected three numbers x,y,z in metres, such as 0.5,0,-1");
  }
  return numbers as [number, number, number];
}

/** Two numbers with a colon between. */
export function interval(given: string): [number, number] {
  const numbers = given.split(":").map((part) => part.trim() === "" ? NaN : Number(part));
  if (numbers.length !== 2 || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError("expected two numbers from:to, such as 0.2:0.9");
  }
  return numbers as [number, number];
}

/** A frame at which time stands, and for how many frames: `8` or `8:16`. */
export function freeze(given: string): { frame: number; length?: number } {
  const [, frame, length] = /^(\d+)(?::([1-9]\d*))?$/.exec(given) ?? [];
  if (frame === undefined) {
    throw new InvalidArgumentError("expected a frame, or frame:length, such as 8 or 8:16");
  }
  return { frame: Number(frame), ...(length === undefined ? {} : { length: Number(length) }) };
}

/** The text itself, refused when empty. */
export function text(given: string): string {
  if (given === "") throw new InvalidArgumentError("expected a name, got an empty text");
  return given;
}

/** A file, or a file and how much of it counts: `anna.safetensors=0.8`. */
export function lora(given: string): { file: string; strength: number } {
  const [, file, strength = "1"] = /^(.*?)(?:=([^=/]*))?$/.exec(given)!;
  if (file === "" || strength.trim() === "" || !Number.isFinite(Number(strength))) {
    throw new InvalidArgumentError("expected file or file=strength, such as anna.safetensors=0.8");
  }
  return { file, strength: Number(strength) };
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
  return new Option("-y, --overwrite", "replace outputs that exist");
}
