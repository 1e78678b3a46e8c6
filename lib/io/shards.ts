/**
 * Weights in several files: an index beside them says which tensor lies in which.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { exists } from "./exists.ts";
import { readJson } from "./read_file.ts";

/** One file of a checkpoint and the tensors that its index promises; none without an index. */
export interface Shard {
  readonly shard: string;
  readonly expected: readonly string[];
}

/** Name of the index file that lists the shards of `path`. */
export function indexPath(path: string): string {
  return `${path}.index.json`;
}

/**
 * The files behind `path`: itself, or the shards of an index. Where `path` does not exist but its
 * index does, the index counts. Throws {@linkcode InputError} for a broken index.
 */
export async function shardsOf(path: string): Promise<Shard[]> {
  if (path.endsWith(".index.json")) return await readIndex(path);
  if (!await exists(path) && await exists(indexPath(path))) return await readIndex(indexPath(path));
  return [{ shard: path, expected: [] }];
}

/** The layout of Hugging Face's sharded checkpoints: `{ weight_map: { tensor: file } }`. */
async function readIndex(path: string): Promise<Shard[]> {
  const value = await readJson(path) as { weight_map?: unknown } | null;
  const map = value?.weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new InputError(`cannot read "${path}" as an index of shards: it has no weight_map`);
  }
  const shards = new Map<string, string[]>();
  for (const [tensor, file] of Object.entries(map)) {
    // A shard lies beside its index; anything else would read files that nobody named.
    if (typeof file !== "string" || file !== basename(file) || /^\.{0,2}$/.test(file)) {
      throw new InputError(
        `cannot read "${path}": tensor "${tensor}" names shard ${JSON.stringify(file)}`,
      );
    }
    const names = shards.get(file) ?? [];
    shards.set(file, names);
    names.push(tensor);
  }
  return [...shards].map(([file, expected]) => ({ shard: join(dirname(path), file), expected }));
}
