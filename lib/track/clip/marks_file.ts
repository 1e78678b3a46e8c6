/**
 * The ways of marks that were followed on persons, as a file of the cache.
 * @module
 */
import { InputError } from "../../errors.ts";
import { readNpz, writeNpz } from "../../io/mod.ts";
import type { MarkPath } from "../../perception/mod.ts";

/** Writes them, whole or not at all. Throws {@linkcode IoError}. */
export async function keepMarks(path: string, marks: readonly MarkPath[]): Promise<void> {
  const facts = Int32Array.from(
    marks.flatMap(({ person, first, xy }) => [person, first, xy.length]),
  );
  const xy = Float32Array.from(marks.flatMap(({ xy }) => xy));
  await writeNpz(
    path,
    new Map([
      ["marks", { dtype: "int32", shape: [marks.length, 3], data: facts }],
      ["xy", { dtype: "float32", shape: [xy.length], data: xy }],
    ]),
  );
}

/** Reads them; undefined for a missing or damaged file. */
export async function recallMarks(path: string): Promise<MarkPath[] | undefined> {
  const arrays = await readNpz(path, { names: ["marks", "xy"] }).catch((error) => {
    if (!(error instanceof InputError)) throw error;
  });
  const [facts, xy] = [arrays?.get("marks")?.data, arrays?.get("xy")?.data];
  if (!(facts instanceof Int32Array && xy instanceof Float32Array)) return undefined;
  const marks: MarkPath[] = [];
  let at = 0;
  for (let i = 0; i + 3 <= facts.length; i += 3) {
    const [person, first, length] = facts.subarray(i, i + 3);
    if (first < 0 || length < 2 || length % 2 > 0) return undefined;
    marks.push({ person, first, xy: [...xy.subarray(at, at += length)] });
  }
  return at === xy.length ? marks : undefined;
}
