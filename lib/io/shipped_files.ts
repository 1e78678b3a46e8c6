/**
 * What this project ships in `weights/`, and whether a file there is still what was shipped.
 * @module
 */
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { readFailure } from "./failures.ts";
import { readJson, sha256File } from "./read_file.ts";

/** The folder of what is shipped. */
export const shippedFolder: string = fileURLToPath(new URL("../../weights/", import.meta.url));

/** Of the manifest only what is needed here; `readManifest` checks all of it. */
const shippedFiles = z.object({
  weights: z.array(z.object({
    files: z.array(z.object({ path: z.string(), sha256: z.string() })),
  })),
});

/** Hashes by path from the folder, read once for each folder. */
const known = new Map<string, Promise<ReadonlyMap<string, string>>>();

/** Files that were found to be what they should be, with their size and time. */
const checked = new Set<string>();

/**
 * Compares a file with its SHA-256 in the manifest, once for each state of the file. Files that the
 * manifest does not name, such as weights of the user's own, are not looked at; nor are missing ones.
 *
 * Throws {@linkcode InputError} where the file is another.
 */
export async function checkShipped(path: string, folder: string = shippedFolder): Promise<void> {
  const within = relative(folder, resolve(path));
  if (within.startsWith("..")) return;
  if (!known.has(folder)) known.set(folder, readHashes(folder));
  const expected = (await known.get(folder)!).get(within);
  if (expected === undefined) return;
  const facts = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw readFailure(path, error);
  });
  if (!facts) return;
  const state = `${resolve(path)} ${facts.ino} ${facts.size} ${facts.mtime?.getTime()}`;
  if (checked.has(state)) return;
  const found = await sha256File(path);
  if (found !== expected) {
    throw new InputError(
      `"${path}" is damaged or changed: SHA-256 ${found.slice(0, 12)}…, expected ` +
        `${
          expected.slice(0, 12)
        }…; bring it again (\`git checkout weights\`), and give weights of your ` +
        "own a folder of their own",
    );
  }
  checked.add(state);
}

async function readHashes(folder: string): Promise<ReadonlyMap<string, string>> {
  const path = join(folder, "manifest.json");
  const parsed = shippedFiles.safeParse(await readJson(path));
  if (!parsed.success) throw new InputError(`cannot read "${path}" as a manifest of weights`);
  const files = parsed.data.weights.flatMap(({ files }) => files);
  return new Map(files.map(({ path, sha256 }) => [path, sha256]));
}
