/**
 * Reading safetensors, whole or tensor by tensor, in one file or in shards.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import type { DType } from "../tensor/mod.ts";
import { readFailure } from "./failures.ts";
import { readJson } from "./read_file.ts";
import {
  headerLength,
  parseHeader,
  type SafetensorsHeader,
  storedDType,
  type TensorEntry,
} from "./safetensors_header.ts";

/** A tensor's bytes, little-endian and row-major, as they are in the file. */
export interface StoredTensor {
  /** Element type. */
  readonly dtype: DType;
  /** Sizes; empty for a single number. */
  readonly shape: number[];
  /** A buffer of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Tensors by name and the file's own facts. */
export interface SafetensorsContent {
  /** By name, in the file's order. */
  readonly tensors: Map<string, StoredTensor>;
  /** Facts as text; empty where there are none. */
  readonly metadata: Record<string, string>;
}

/** An open file whose header has been read and checked; tensors are read when asked for. */
export class SafetensorsFile {
  /** Names, dtypes, shapes and byte ranges. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** The facts stored with the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile, header: SafetensorsHeader) {
    this.#path = path;
    this.#file = file;
    this.entries = header.entries;
    this.metadata = header.metadata;
  }

  /** Opens and checks one file. Throws {@linkcode InputError} or {@linkcode IoError}. */
  static async open(path: string): Promise<SafetensorsFile> {
    let file: Deno.FsFile | undefined;
    try {
      file = await Deno.open(path);
      const { size, isFile } = await file.stat();
      if (!isFile) throw new Deno.errors.IsADirectory();
      if (size === 0) throw new InputError(`cannot read "${path}": the file is empty`);
      const prefix = await readExactly(file, 0, Math.min(8, size));
      const json = await readExactly(file, 8, headerLength(path, prefix, size));
      return new SafetensorsFile(path, file, parseHeader(path, json, size));
    } catch (error) {
      file?.close();
      throw readFailure(path, error);
    }
  }

  /** One tensor. Throws {@linkcode InputError} where the file has none of that name. */
  async read(name: string): Promise<StoredTensor> {
    const entry = this.#entry(name);
    const bytes = await this.#bytes(entry.begin, entry.end - entry.begin);
    return { dtype: entry.dtype, shape: [...entry.shape], bytes };
  }

  /** Bytes of `count` elements from element `start` of a tensor, without reading the others. */
  async readElements(
    name: string,
    { start, count }: { start: number; count: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { dtype, begin, end } = this.#entry(name);
    const { size } = storedDType(dtype);
    const numel = (end - begin) / size;
    if (!(start >= 0 && count >= 0 && start + count <= numel)) {
      throw new InputError(
        `tensor "${name}" of "${this.#path}" has ${numel} elements, asked for ${start} to ${
          start + count
        }`,
      );
    }
    return await this.#bytes(begin + start * size, count * size);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  #entry(name: string): TensorEntry {
    const entry = this.entries.get(name);
    if (!entry) throw new InputError(`"${this.#path}" has no tensor "${name}"`);
    return entry;
  }

  async #bytes(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await readExactly(this.#file, at, length);
    } catch (error) {
      throw readFailure(this.#path, error);
    }
  }
}

/**
 * Reads a `.safetensors` file, or all shards of a `….safetensors.index.json`. Where `path` does not
 * exist but `path + ".index.json"` does, that is read. `names` limits what is loaded.
 *
 * Throws {@linkcode InputError} for a missing, truncated or foreign file.
 */
export async function readSafetensors(
  path: string,
  { names }: { names?: ReadonlySet<string> } = {},
): Promise<SafetensorsContent> {
  const tensors = new Map<string, StoredTensor>();
  const metadata: Record<string, string> = {};
  for (const { shard, expected } of await shardsOf(path)) {
    using file = await SafetensorsFile.open(shard);
    Object.assign(metadata, file.metadata);
    for (const name of expected) {
      if (!file.entries.has(name)) {
        throw new InputError(`"${shard}" has no tensor "${name}", which its index promises`);
      }
    }
    for (const name of file.entries.keys()) {
      if (!names || names.has(name)) tensors.set(name, await file.read(name));
    }
  }
  return { tensors, metadata };
}

/** Name of the index file that lists the shards of `path`. */
export function indexPath(path: string): string {
  return `${path}.index.json`;
}

async function shardsOf(path: string): Promise<{ shard: string; expected: string[] }[]> {
  if (path.endsWith(".index.json")) return await readIndex(path);
  const exists = (p: string) => Deno.stat(p).then(() => true, () => false);
  if (!await exists(path) && await exists(indexPath(path))) return await readIndex(indexPath(path));
  return [{ shard: path, expected: [] }];
}

/** The layout of Hugging Face's sharded checkpoints: `{ weight_map: { tensor: file } }`. */
async function readIndex(path: string): Promise<{ shard: string; expected: string[] }[]> {
  const value = await readJson(path) as { weight_map?: unknown } | null;
  const map = value?.weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    throw new InputError(`cannot read "${path}" as an index of shards: it has no weight_map`);
  }
  const shards = new Map<string, string[]>();
  for (const [tensor, file] of Object.entries(map)) {
    // A shard lies beside its index; anything else would read files that nobody named.
    if (typeof file !== "string" || file !== basename(file) || file === "..") {
      throw new InputError(
        `cannot read "${path}": tensor "${tensor}" names shard ${JSON.stringify(file)}`,
      );
    }
    shards.set(file, [...shards.get(file) ?? [], tensor]);
  }
  return [...shards].map(([file, expected]) => ({ shard: join(dirname(path), file), expected }));
}

async function readExactly(
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
