/**
 * The files that a job leaves: which they are, and whether they are still there.
 * @module
 */
import { basename, dirname, join, relative } from "node:path";
import { sidecarsOf } from "../credentials/mod.ts";
import { isSequencePattern, removeQuietly, sequencePath, sha256File } from "../io/mod.ts";
import { recordPath, resumePath } from "../pipelines/record/mod.ts";
import type { OutputFile } from "./ledger_rows.ts";

/** Hashes what a job of `frames` frames has written to `output`; paths are relative to `folder`. */
export async function outputFiles(
  { output, frames }: { readonly output: string; readonly frames: number },
  folder: string,
): Promise<OutputFile[]> {
  const files: OutputFile[] = [];
  for (
    const path of [...resultPaths(output, frames), recordPath(output), ...await signed(output)]
  ) {
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

/** Removes pictures that a job has made and, with fewer frames, will not make again. */
export async function removeStale(
  { output, frames }: { readonly output: string; readonly frames: number },
  made: readonly OutputFile[],
  folder: string,
): Promise<void> {
  const kept = new Set([
    ...resultPaths(output, frames),
    recordPath(output),
    ...await signed(output),
  ]);
  for (const path of made.map(({ path }) => join(folder, path))) {
    if (!kept.has(path)) await removeQuietly(path);
  }
}

/** Removes what a process that vanished has left half written. Only the holder of the job may. */
export async function removeParts(output: string): Promise<void> {
  const names = [output, recordPath(output), resumePath(output) ?? output].map((path) =>
    basename(path).split(/%0?\d*d/).map((text) => RegExp.escape(text)).join("\\d+")
  );
  const part = new RegExp(`^\\.(?:${names.join("|")})\\.\\d+-\\d+\\.part$`);
  for (const { name } of await Array.fromAsync(Deno.readDir(dirname(output)))) {
    if (part.test(name)) await removeQuietly(join(dirname(output), name));
  }
}

/** Files beside the output that hold its signature, where there are some. */
async function signed(output: string): Promise<string[]> {
  const there = async (path: string) => await Deno.stat(path).then(() => [path], () => []);
  return (await Promise.all(sidecarsOf(output).map(there))).flat();
}

/** The video, or all its numbered pictures. */
export function resultPaths(output: string, frames: number): string[] {
  if (!isSequencePattern(output)) return [output];
  const name = basename(output);
  return Array.from(
    { length: frames },
    (_, i) => join(dirname(output), sequencePath(name, i + 1)),
  );
}
