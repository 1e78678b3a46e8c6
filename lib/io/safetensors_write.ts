/**
 * Writing safetensors, in one file or in shards.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import type { DType } from "../tensor/mod.ts";
import { atomicWrite, removeQuietly, writeJson } from "./atomic.ts";
import { byteLength, storedDType } from "./safetensors_header.ts";
import { indexPath } from "./shards.ts";

/** A tensor to store: bytes little-endian and row-major. */
export interface TensorToStore {
  /** Element type. */
  readonly dtype: DType;
  /** Sizes; empty for a single number. */
  readonly shape: readonly number[];
  /** As many as dtype and shape take. */
  readonly bytes: Uint8Array;
}

/** A tensor whose bytes are made when it is written, so that a large model is never in memory twice. */
export interface TensorToMake extends Omit<TensorToStore, "bytes"> {
  /** As many bytes as dtype and shape take. */
  make(): Uint8Array;
}

type Named = readonly [string, TensorToStore | TensorToMake];

/**
 * Writes tensors and facts, whole or not at all, in the map's order. With `maxShardBytes` and more
 * data than that, writes `name-00001-of-0000N.safetensors` … and the index `path + ".index.json"`
 * instead; a single tensor is never split. Throws {@linkcode InputError} where bytes and shape
 * disagree, {@linkcode IoError} where the disk refuses.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "./mod.ts";
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * const bytes = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
 * const tensors = new Map([["bias", { dtype: "float32" as const, shape: [3], bytes }]]);
 * await writeSafetensors(path, tensors, { step: "100" });
 * const { metadata } = await readSafetensors(path); // { step: "100" }
 * await Deno.remove(path);
 * ```
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorToStore | TensorToMake>,
  metadata: Readonly<Record<string, string>> = {},
  { maxShardBytes = Infinity }: { maxShardBytes?: number } = {},
): Promise<void> {
  for (const [name, tensor] of tensors) if ("bytes" in tensor) checkBytes(name, tensor);
  if (tensors.has("__metadata__")) throw new InputError('no tensor can be named "__metadata__"');
  const shards = splitShards([...tensors], maxShardBytes);
  if (shards.length <= 1) {
    await writeOne(path, shards[0] ?? [], metadata);
    await removeQuietly(indexPath(path)); // an older sharded version would contradict this file
  } else await writeShards(path, shards, metadata);
}

async function writeShards(
  path: string,
  shards: readonly (readonly Named[])[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const stem = basename(path).replace(/\.safetensors$/, "");
  const five = (n: number) => String(n).padStart(5, "0");
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const file = `${stem}-${five(i + 1)}-of-${five(shards.length)}.safetensors`;
    await writeOne(join(dirname(path), file), shard, metadata);
    for (const [name] of shard) weightMap[name] = file;
  }
  const total = shards.flat().reduce((n, [, { dtype, shape }]) => n + byteLength(dtype, shape), 0);
  await writeJson(indexPath(path), { metadata: { total_size: total }, weight_map: weightMap });
  await removeQuietly(path); // a single older file would be read before the index
}

function splitShards(tensors: readonly Named[], maxBytes: number): Named[][] {
  const shards: Named[][] = [];
  let room = -1;
  for (const named of tensors) {
    const length = byteLength(named[1].dtype, named[1].shape);
    if (shards.length === 0 || length > room) {
      shards.push([]);
      room = maxBytes;
    }
    shards.at(-1)!.push(named);
    room -= length;
  }
  return shards;
}

async function writeOne(
  path: string,
  tensors: readonly Named[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header["__metadata__"] = metadata;
  let at = 0;
  for (const [name, { dtype, shape }] of tensors) {
    const end = at + byteLength(dtype, shape);
    const entry = { dtype: storedDType(dtype).name, shape, data_offsets: [at, end] };
    at = end;
    Object.defineProperty(header, name, { value: entry, enumerable: true });
  }
  // Padded with spaces so that tensors start at a multiple of 8 and can be mapped.
  const text = JSON.stringify(header);
  const unpadded = new TextEncoder().encode(text).length;
  const json = new TextEncoder().encode(text + " ".repeat((8 - unpadded % 8) % 8));
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(json.length), true);
  await atomicWrite(path, async (part) => {
    using file = await Deno.open(part, { write: true, createNew: true });
    await writeAll(file, prefix);
    await writeAll(file, json);
    for (const [name, tensor] of tensors) {
      const stored = "bytes" in tensor ? tensor : { ...tensor, bytes: tensor.make() };
      await writeAll(file, checkBytes(name, stored));
    }
  });
}

function checkBytes(name: string, { dtype, shape, bytes }: TensorToStore): Uint8Array {
  const expected = byteLength(dtype, shape);
  if (bytes.length === expected) return bytes;
  throw new InputError(
    `cannot store tensor "${name}": ${dtype} [${shape}] takes ${expected} bytes, got ${bytes.length}`,
  );
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
