/**
 * Whole files as bytes, text or JSON, and their hashes.
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../errors.ts";
import { readFailure } from "./failures.ts";

/**
 * Bytes of a whole file. Throws {@linkcode InputError} for a missing or empty file and for one
 * larger than `maxBytes` (1 GiB unless told), {@linkcode IoError} where reading is refused.
 */
export async function readBytes(
  path: string,
  { maxBytes = 2 ** 30 }: { maxBytes?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size, isDirectory } = await Deno.stat(path);
    if (isDirectory) throw new Deno.errors.IsADirectory();
    if (size > maxBytes) {
      throw new InputError(`cannot read "${path}": ${size} bytes, expected at most ${maxBytes}`);
    }
    const bytes = await Deno.readFile(path);
    if (bytes.length === 0) throw new InputError(`cannot read "${path}": the file is empty`);
    return bytes;
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Text of a UTF-8 file; errors as {@linkcode readBytes}, and for bytes that are no UTF-8. */
export async function readText(path: string, options: { maxBytes?: number } = {}): Promise<string> {
  const bytes = await readBytes(path, options);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`cannot read "${path}": it is not UTF-8 text`, { cause });
  }
}

/** A JSON file's value, unchecked; errors as {@linkcode readText}, and for broken JSON. */
export async function readJson(
  path: string,
  options: { maxBytes?: number } = {},
): Promise<unknown> {
  const text = await readText(path, options);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\s+/g, " ") : "";
    throw new InputError(`cannot read "${path}": it is not JSON: ${reason}`, { cause });
  }
  if (isDeeper(value, MOST_LEVELS)) {
    throw new InputError(
      `cannot read "${path}": its JSON is nested more than ${MOST_LEVELS} levels deep`,
    );
  }
  return value;
}

/** What goes through JSON level by level calls itself: files of ours and others' have a few levels. */
const MOST_LEVELS = 200;

/** Whether lists and objects lie in each other more often than that. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inside.some((inner) => isDeeper(inner, levels - 1));
}

/** SHA-256 of a file's bytes, in hex; reads it piece by piece. Errors as {@linkcode readBytes}. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(1 << 20);
    for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
      hash.update(buffer.subarray(0, n));
    }
  } catch (error) {
    throw readFailure(path, error);
  }
  return hash.digest("hex");
}

/** The last read that each open file was asked for. */
const lastReads = new WeakMap<Deno.FsFile, Promise<unknown>>();

/**
 * Bytes `at` … `at + length` of an open file; throws {@linkcode InputError} where it ends before. An
 * open file has one position: reads that are asked for at the same time wait for each other.
 */
export function readExactly(
  file: Deno.FsFile,
  at: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const before = lastReads.get(file) ?? Promise.resolve();
  const read = before.then(() => readFrom(file, at, length));
  lastReads.set(file, read.catch(() => {}));
  return read;
}

async function readFrom(
  file: Deno.FsFile,
  at: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await file.seek(at, Deno.SeekMode.Start);
  for (let done = 0; done < length;) {
    const n = await file.read(bytes.subarray(done));
    if (n === null) throw new InputError("the file became shorter while it was read");
    done += n;
  }
  return bytes;
}
