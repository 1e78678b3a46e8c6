/**
 * The results in a folder and the folders within it.
 * @module
 */
import { basename, join, relative } from "node:path";
import { InputError, IsaError } from "../../errors.ts";
import { isCoded, videoContainer } from "../../io/mod.ts";
import type { LeftOut } from "../gallery_data.ts";
import { type Result, resultAt } from "../result.ts";

/** A result of a folder. */
export interface Listed {
  /** Its path within the folder. */
  readonly name: string;
  readonly result: Result;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** What a folder holds. */
export interface Listing {
  /** By name. */
  readonly results: readonly Listed[];
  readonly leftOut: readonly LeftOut[];
}

/** Results that are read at the same time. */
const TOGETHER = 8;

/** Folders within folders; further down nobody looks for results. */
const DEPTH = 8;

/**
 * Finds all results below a folder: videos and pictures with their records, folders of numbered
 * pictures, grids by their mosaic. What looks like one and is none is listed with the reason. Hidden
 * files and links to folders are passed over. Throws {@linkcode InputError} for a folder that cannot
 * be read.
 */
export async function listResults(
  folder: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Listing> {
  const closed: string[] = [];
  const paths = (await candidates(folder, DEPTH, closed)).sort();
  const results = new Map<string, Listed>();
  const leftOut: LeftOut[] = closed.map((path) => ({
    name: relative(folder, path),
    reason: "the folder cannot be read",
  }));
  const one = async (path: string) => {
    signal?.throwIfAborted();
    const name = relative(folder, path);
    try {
      const result = await resultAt(path, path, { besideFirst: true });
      // A view stands for its whole grid.
      if (results.has(result.path)) return;
      const { mtime } = await Deno.stat(path);
      const shown = relative(folder, result.path);
      results.set(result.path, { name: shown, result, modified: mtime?.getTime() ?? 0 });
    } catch (error) {
      if (!(error instanceof IsaError)) throw error;
      // Every line names its file already.
      leftOut.push({ name, reason: error.message.replaceAll(`${folder}/`, "") });
    }
  };
  const waiting = paths[Symbol.iterator]();
  const work = async () => {
    for (const path of waiting) await one(path);
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  const byName = <T extends { readonly name: string }>(items: Iterable<T>) =>
    [...items].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return { results: byName(results.values()), leftOut: byName(leftOut) };
}

/**
 * Paths that may be results: videos, pictures with a record beside them, folders of a sequence.
 * Folders that cannot be read go into `closed`.
 */
async function candidates(folder: string, depth: number, closed: string[]): Promise<string[]> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.name.startsWith(".")) entries.push(entry);
    }
  } catch (cause) {
    if (depth === DEPTH) throw new InputError(`cannot read the folder "${folder}"`, { cause });
    closed.push(folder);
    return [];
  }
  const names = new Set(entries.map(({ name }) => name));
  // The folder that was asked for is looked into even where it is a sequence itself.
  if (depth < DEPTH && names.has("metadata.json")) return [folder];
  const found: string[] = [];
  for (const { name, isDirectory } of entries) {
    const path = join(folder, name);
    if (isDirectory) {
      if (depth > 0) found.push(...await candidates(path, depth - 1, closed));
    } else if (isResultName(name, names)) found.push(path);
    else if (isLost(name, names)) found.push(path.replace(/\.json$/, ""));
  }
  return found;
}

/** Videos as models write them; pictures and animations only where a record says that they are ours. */
function isResultName(name: string, names: ReadonlySet<string>): boolean {
  if (isView(name, names)) return false;
  const container = videoContainer(name);
  if (container && isCoded(container)) return true;
  return (container !== undefined || /\.png$/i.test(name)) && names.has(`${name}.json`);
}

/** A view of a grid whose mosaic is there. */
function isView(name: string, names: ReadonlySet<string>): boolean {
  const stem = /^(.*)-view-\d+\.[^.]*$/.exec(name)?.[1];
  return stem !== undefined && names.has(`${stem}.grid.json`);
}

/** A record whose video is gone. */
function isLost(name: string, names: ReadonlySet<string>): boolean {
  const of = basename(name, ".json");
  return name.endsWith(".json") && videoContainer(of) !== undefined && !names.has(of);
}
