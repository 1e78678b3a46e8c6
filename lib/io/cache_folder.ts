/**
 * Where what takes long to find out is kept from one run to the next.
 * @module
 */
import { join } from "node:path";

/**
 * Path of a kept file: `$XDG_CACHE_HOME/isa4d/KIND/NAME`, by default below `~/.cache`; undefined for a
 * user without a home, where nothing is kept.
 */
export function cachePath(kind: string, name: string): string | undefined {
  const home = Deno.env.get("HOME");
  const caches = Deno.env.get("XDG_CACHE_HOME") || (home ? join(home, ".cache") : undefined);
  return caches && join(caches, "isa4d", kind, name);
}

/**
 * What is kept at a path, or else made, and then kept. A kept file that cannot be read is made anew, and
 * one that cannot be written is done without.
 */
export async function kept<Found>(
  path: string | undefined,
  { read, make, write }: {
    readonly read: (path: string) => Promise<Found>;
    readonly make: () => Promise<Found>;
    readonly write: (path: string, found: Found) => Promise<void>;
  },
): Promise<Found> {
  if (path === undefined) return await make();
  const before = await read(path).catch(() => undefined);
  if (before !== undefined) return before;
  const found = await make();
  await write(path, found).catch(() => {});
  return found;
}
