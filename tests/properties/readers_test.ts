import fc from "fast-check";
import { ok } from "node:assert/strict";
import { join } from "node:path";
import { withFolder } from "../support/folders.ts";
import {
  cuts,
  edits,
  flips,
  mutated,
  type Mutation,
  readsOrRefuses,
  settings,
  watched,
} from "./fuzz.ts";
import type { ReaderCase } from "./reader_case.ts";
import { readers } from "./readers.ts";

/** Bytes that are no file at all, and such as begin like the sample. */
function foreign(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const head = fc.integer({ min: 0, max: Math.min(64, sample.length) });
  return fc.oneof(
    bytes,
    fc.tuple(head, bytes).map(([length, rest]) =>
      new Uint8Array([...sample.subarray(0, length), ...rest])
    ),
  );
}

/** The sample with another value somewhere in it, if it is JSON. */
function otherValues(sample: Uint8Array): fc.Arbitrary<Uint8Array> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(sample));
  } catch {
    return undefined;
  }
  const number = fc.double({ noNaN: true });
  return fc.tuple(fc.array(fc.nat(40), { maxLength: 5 }), fc.oneof(fc.jsonValue(), number))
    .map(([path, other]) => new TextEncoder().encode(JSON.stringify(replaced(value, path, other))));
}

/** `value` with `other` where the path leads; each step is a place among a value's own. */
function replaced(value: unknown, [step, ...rest]: readonly number[], other: unknown): unknown {
  if (step === undefined || typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  if (keys.length === 0) return other;
  const key = keys[step % keys.length] as keyof typeof value;
  const changed = replaced(value[key], rest, other);
  return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
}

/** The properties of one reader. */
async function check(reader: ReaderCase, folder: string): Promise<void> {
  await reader.beside?.(folder);
  const sample = await reader.sample();
  const path = join(folder, reader.file);
  const reads = async (bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes);
    return await readsOrRefuses(path, reader.read);
  };
  ok(await reads(sample), "the sample is not read");
  ok(!await reads(new Uint8Array(0)), "an empty file is read");
  const files = [foreign(sample), otherValues(sample)];
  for (const mutations of [flips, cuts, edits]) {
    files.push(mutations.map((mutation: Mutation) => mutated(sample, mutation)));
  }
  for (const bytes of files) {
    if (!bytes) continue;
    const property = fc.asyncProperty(bytes, async (bytes) => void await reads(bytes));
    await fc.assert(property, settings(reader.runs));
  }
}

for (const reader of readers) {
  Deno.test(`${reader.name}: foreign, cut and damaged files are read or refused in one line`, () =>
    withFolder((folder) => watched(folder, () => check(reader, folder))));
}
