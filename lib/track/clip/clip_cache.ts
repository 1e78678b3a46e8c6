/**
 * Where what was found out about videos is kept: a folder of the user's cache for each content, never
 * beside the user's own files.
 * @module
 */
import { basename, join } from "node:path";
import { EnvironmentError } from "../../errors.ts";
import { cachePath, sha256File } from "../../io/mod.ts";

/** Rises when networks, following or these files change, so that nothing old is taken for new. */
const VERSION = 1;

/** Letters of a content's hash in the folder's name, and of the file's own name. */
const [HASH, NAME] = [16, 40];

/** Hashes by path, size and time of change: a job asks several times. */
const known = new Map<string, string>();

/**
 * The folder of a video's content, `~/.cache/isa4d/track/NAME-HASH`; it need not be there yet. `root`
 * takes the place of `~/.cache/isa4d/track`.
 *
 * Throws {@linkcode InputError} for a file that cannot be read, {@linkcode EnvironmentError} where the
 * user has no place for caches.
 */
export async function clipCache(path: string, root = cachePath("track", "")): Promise<string> {
  if (root === undefined) {
    throw new EnvironmentError(
      "no cache folder for tracked videos: set XDG_CACHE_HOME or HOME to a folder",
    );
  }
  const hash = await contentHash(path);
  const name = basename(path).replace(/\.\w+$/, "").replace(/[^\w.-]+/g, "_").slice(0, NAME);
  return join(root, `v${VERSION}`, `${name}-${hash.slice(0, HASH)}`);
}

/** A camera's choice as a part of a file's name: a file stands for its content. */
export async function nameOfChoice(choice: string = "auto"): Promise<string> {
  if (/^\w+$/.test(choice)) return choice;
  return `cameras-${(await contentHash(choice)).slice(0, HASH)}`;
}

async function contentHash(path: string): Promise<string> {
  const facts = await Deno.stat(path).catch(() => undefined);
  const key = facts && `${path}\n${facts.size}\n${facts.mtime?.getTime()}`;
  const hash = key && known.get(key) || await sha256File(path);
  if (key) known.set(key, hash);
  return hash;
}
