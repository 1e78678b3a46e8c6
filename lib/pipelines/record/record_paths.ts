/**
 * Paths in records. Stored, they start at the folder of the file that carries the record, so that a
 * result and its inputs can move together and nobody's home folder is told; read, they are full.
 * @module
 */
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { exists, sha256File } from "../../io/mod.ts";
import { isFile, withoutFragment } from "../job/mod.ts";

type Hashed = { path: string; sha256: string };

/** What records of a generation and of a grid have in common. */
export interface RecordFiles {
  readonly inputs: Hashed[];
  readonly weights: Hashed[];
}

/** Applies `map` to every path of what a record's kind has of its own. */
export type MapOwn<R> = (record: R, map: (path: string) => string) => R;

/** The record as the file `carrier` stores it; `home` is whose name is not told. */
export function portablePaths<R extends RecordFiles>(
  record: R,
  { mapOwn, carrier, home = Deno.env.get("HOME") }: {
    readonly mapOwn: MapOwn<R>;
    readonly carrier: string;
    readonly home?: string;
  },
): R {
  const folder = dirname(carrier);
  return mapAll(record, mapOwn, (path) => portablePath(path, { folder, home }));
}

/** A record that lay in `folder`, with full paths. */
export function fullPaths<R extends RecordFiles>(
  record: R,
  { mapOwn, folder, home = Deno.env.get("HOME") }: {
    readonly mapOwn: MapOwn<R>;
    readonly folder: string;
    readonly home?: string;
  },
): R {
  return mapAll(record, mapOwn, (path) => fullPath(path, { folder, home }));
}

/**
 * A record with full paths, where inputs and weights that are gone, but lie in `folder`, are taken from
 * there; inputs must have the same content.
 */
export async function foundPaths<R extends RecordFiles>(
  record: R,
  { mapOwn, folder, weights }: {
    readonly mapOwn: MapOwn<R>;
    readonly folder: string;
    /** As the job names them. */
    readonly weights: string;
  },
): Promise<R> {
  const moved = new Map<string, string>();
  for (const { path, sha256 } of record.inputs) {
    const beside = join(folder, basename(path));
    if (await exists(path) || !await exists(beside)) continue;
    if (await sha256File(beside) === sha256) moved.set(path, beside);
  }
  if (isFile.weights(weights) && !await exists(weights)) {
    const beside = join(folder, basename(weights));
    if (await exists(beside)) moved.set(weights, beside);
  }
  if (moved.size === 0) return record;
  return mapAll(record, mapOwn, (path) => {
    const file = withoutFragment(path);
    return (moved.get(file) ?? file) + path.slice(file.length);
  });
}

function mapAll<R extends RecordFiles>(
  record: R,
  mapOwn: MapOwn<R>,
  map: (path: string) => string,
): R {
  const hashed = (files: readonly Hashed[]) =>
    files.map(({ path, sha256 }) => ({ path: map(path), sha256 }));
  const { inputs, weights } = record;
  return { ...mapOwn(record, map), inputs: hashed(inputs), weights: hashed(weights) };
}

interface Places {
  /** Where the record lies. */
  readonly folder: string;
  readonly home?: string;
}

/** Relative where both are in one place, from the home folder where only the path is in it. */
function portablePath(path: string, { folder, home }: Places): string {
  if (!isAbsolute(path)) return path;
  if (home && home !== sep && within(path, home) && !within(folder, home)) {
    return join("~", relative(home, path));
  }
  if (path.split(sep)[1] !== folder.split(sep)[1]) return path;
  const way = relative(folder, path);
  // A bare word would be the name of a camera path or of weights.
  return way.startsWith("..") ? way : `.${sep}${way}`;
}

function fullPath(path: string, { folder, home }: Places): string {
  if (isAbsolute(path)) return path;
  return path.startsWith(`~${sep}`) && home ? join(home, path.slice(2)) : join(folder, path);
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
