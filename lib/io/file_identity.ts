/**
 * Which files a path means, and whether two paths mean the same one: by device and inode, so that
 * links, patterns and other spellings are seen through.
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { isSequencePattern, sequenceNames } from "./png_sequence.ts";

/** A file that is there. */
export interface FoundFile {
  readonly path: string;
  /** Equal for all names of one file. */
  readonly id: string;
  readonly facts: Deno.FileInfo;
}

/** The file or folder at a path, seen through links; undefined where there is none. */
export async function findFile(path: string): Promise<FoundFile | undefined> {
  const facts = await Deno.stat(path).catch(() => undefined);
  return facts && { path, id: `${facts.dev}:${facts.ino}`, facts };
}

/** The files that a path means: itself, or every picture that a pattern such as `%04d.png` numbers. */
export async function filesAt(path: string): Promise<FoundFile[]> {
  const itself = await findFile(path);
  if (itself || !isSequencePattern(basename(path))) return itself ? [itself] : [];
  const names = await sequenceNames(path);
  const found = await Promise.all(names.map((name) => findFile(join(dirname(path), name))));
  return found.filter((file) => file !== undefined);
}

/**
 * The files behind the value of a flag: `fit:`, `#frame=3` and `=0.8` are no part of a name, unless
 * there is such a file.
 */
export async function filesOfInput(given: string): Promise<FoundFile[]> {
  const bare = given.replace(/^fit:/, "");
  for (const path of new Set([given, bare, bare.replace(/#[^#/]*$/, "")])) {
    const found = await filesAt(path);
    if (found.length > 0) return found;
  }
  return [];
}

/** Most files of an input folder that are looked at. */
const FOLDER_LIMIT = 200_000;

/** Every file below a folder. */
export async function* filesBelow(
  folder: string,
  { limit = FOLDER_LIMIT }: { readonly limit?: number } = {},
): AsyncGenerator<FoundFile> {
  const folders = [folder];
  const seen = new Set<string>();
  for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
    for await (const { name } of Deno.readDir(place)) {
      const file = await findFile(join(place, name));
      if (!file || seen.has(file.id)) continue;
      seen.add(file.id);
      if (seen.size > limit) return;
      if (file.facts.isDirectory) folders.push(file.path);
      else yield file;
    }
  }
}

/** A path as the file system spells it, for a file that need not be there yet. */
export async function spelledOut(path: string): Promise<string> {
  const whole = resolve(path);
  const folder = dirname(whole);
  if (folder === whole) return whole;
  const real = await Deno.realPath(folder).catch(() => undefined);
  return join(real ?? await spelledOut(folder), basename(whole));
}
