/**
 * Files that appear whole or not at all.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { isSystemFailure, writeFailure } from "./failures.ts";

let serial = 0;

/** Part files that are being written and temporary files, for a process that must end at once. */
const unfinished = new Set<string>();

/** A name beside `path` that no other writer of this machine uses; `.part` files are never results. */
export function partPath(path: string): string {
  const part = join(dirname(path), `.${basename(path)}.${Deno.pid}-${serial++}.part`);
  unfinished.add(part);
  return part;
}

/**
 * Makes an empty file in the folder for temporary files, which goes with the part files when the process
 * is ended; otherwise the caller removes it with {@linkcode removeQuietly}.
 */
export function temporaryFile(suffix: string): string {
  // At once: no signal comes between the file and the note of it.
  const path = Deno.makeTempFileSync({ prefix: "isa4d-", suffix });
  unfinished.add(path);
  return path;
}

/** Removes every part and temporary file: for ctrl-C, where no `finally` will run any more. */
export function discardParts(): void {
  for (const part of unfinished) {
    try {
      Deno.removeSync(part);
    } catch { // not begun, or gone
    }
  }
  unfinished.clear();
}

/**
 * For a command that was asked to end: lets files that are being written become whole for so long, then
 * removes what is left of them.
 */
export async function settleParts(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (unfinished.size > 0 && performance.now() < until) {
    await new Promise((wake) => setTimeout(wake, 5));
  }
  discardParts();
}

/**
 * Lets `write` fill a part file beside `path`, forces it to disk and renames it to `path`. A missing
 * folder is made. Where `write` fails the part file is removed and an older file at `path` stays as it
 * was.
 *
 * Throws {@linkcode IoError} for a full disk or missing permission; what else
 * `write` throws passes through.
 */
export async function atomicWrite(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const part = partPath(path);
  try {
    await refuseFolder(path);
    await makeFolderOf(path);
    await write(part);
    await commitPart(part, path);
  } catch (error) {
    await removeQuietly(part);
    throw isSystemFailure(error) ? writeFailure(path, error) : error;
  }
}

/** Makes the folder that a file is to be written to, where it is missing. */
export async function makeFolderOf(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
}

/** Forces a finished part file to disk and gives it its name. */
export async function commitPart(part: string, path: string): Promise<void> {
  using file = await Deno.open(part, { read: true, write: true });
  await file.sync();
  await Deno.rename(part, path);
  unfinished.delete(part);
}

/** Removes a file; one that is not there is fine. */
export async function removeQuietly(path: string): Promise<void> {
  unfinished.delete(path);
  try {
    await Deno.remove(path);
  } catch { // nothing was written yet, or the folder itself is gone
  }
}

/** Writes bytes, whole or not at all; errors as {@linkcode atomicWrite}. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await atomicWrite(path, (part) => Deno.writeFile(part, bytes, { createNew: true }));
}

/** Writes text as UTF-8, whole or not at all; errors as {@linkcode atomicWrite}. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeBytes(path, new TextEncoder().encode(text));
}

/** Writes a value as indented JSON with a last newline; errors as {@linkcode atomicWrite}. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeText(path, JSON.stringify(value, null, 2) + "\n");
}

/** Renaming over a folder fails only after all the work; say so before it. */
async function refuseFolder(path: string): Promise<void> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (found?.isDirectory) throw writeFailure(path, new Deno.errors.IsADirectory());
}
