/**
 * Reading safetensors, whole or tensor by tensor, in one file or in shards.
 * @module
 */
import { InputError } from "../errors.ts";
import type { DType } from "../tensor/mod.ts";
import { readFailure } from "./failures.ts";
import { readExactly } from "./read_file.ts";
import {
  headerLength,
  parseHeader,
  type SafetensorsHeader,
  storedDType,
  type TensorEntry,
} from "./safetensors_header.ts";
import { shardsOf } from "./shards.ts";

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
