/**
 * The files that a job leaves: which they are, and whether they are still there.
 * @module
 */
import { basename, dirname, join, relative } from "node:path";
import { isSequencePattern, sequencePath, sha256File } from "../../io/mod.ts";
import { recordPath } from "../provenance.ts";
import type { OutputFile } from "./ledger_rows.ts";

/** Hashes what a job of `frames` frames has written to `output`; paths are told within `folder`. */
export async function outputFiles(
  { output, frames }: { readonly output: string; readonly frames: number },
  folder: string,
): Promise<OutputFile[]> {
  const files: OutputFile[] = [];
  for (const path of [...resultPaths(output, frames), recordPath(output)]) {
    const { size } = await Deno.stat(path);
    files.push({ path: relative(folder, path), bytes: size, sha256: await sha256File(path) });
  }
  return files;
}

/** What is wrong with a job's files: the first that is missing or has another size. */
export async function outputProblem(
  files: readonly OutputFile[],
  folder: string,
): Promise<string | undefined> {
  if (files.length === 0) return "its output is not known";
  for (const { path, bytes } of files) {
    const found = await Deno.stat(join(folder, path)).catch(() => undefined);
    if (!found) return `"${path}" is gone`;
    if (found.size !== bytes) return `"${path}" has ${found.size} bytes, it had ${bytes}`;
  }
}

/** The video, or all its numbered pictures. */
function resultPaths(output: string, frames: number): string[] {
  if (!isSequencePattern(output)) return [output];
  const name = basename(output);
  return Array.from(
    { length: frames },
    (_, i) => join(dirname(output), sequencePath(name, i + 1)),
  );
}
