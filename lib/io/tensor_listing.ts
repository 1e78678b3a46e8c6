/**
 * Where the tensors of a checkpoint lie: safetensors or PyTorch's zip, in one file or in shards.
 * Listing reads headers alone; values are read, or mapped, when they are wanted.
 * @module
 */
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { exists } from "./exists.ts";
import { readFailure } from "./failures.ts";
import { readExactly } from "./read_file.ts";
import { SafetensorsFile } from "./safetensors.ts";
import { shardsOf } from "./shards.ts";
import type { TensorPlace } from "./tensor_place.ts";
import {
  isLegacyTorchFile,
  isTorchFile,
  listLegacyTorchFile,
  listTorchFile,
  refuseOldTorchFile,
} from "./torch_file.ts";

/** What a checkpoint holds. */
export interface TensorListing {
  /** Kind of the file, or of the first shard. */
  readonly format: "safetensors" | "torch";
  /** By name, in the order of the files. Two names may share a place. */
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  /** The facts that safetensors carry as text; empty where there are none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Every file that was listed, without the index. */
  readonly files: readonly string[];
}

/** Names that diffusers and transformers give to the weights of a folder, the better ones first. */
const folderNames = [
  ...["diffusion_pytorch_model", "model"].flatMap((stem) => [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    `${stem}.fp16.safetensors`,
  ]),
  ...["diffusion_pytorch_model.bin", "pytorch_model.bin", "pytorch_model.bin.index.json"],
];

/**
 * Lists a `.safetensors`, a `.pt`/`.pth`/`.bin` zip, an index of shards of either, or a folder in
 * which diffusers or transformers keep one. What a file is shows in its first bytes, not in its name.
 *
 * Throws {@linkcode InputError} for a missing, truncated or foreign file.
 */
export async function listTensors(path: string): Promise<TensorListing> {
  const tensors = new Map<string, TensorPlace>();
  const metadata: Record<string, string> = {};
  const files: string[] = [];
  let format: TensorListing["format"] | undefined;
  for (const { shard, expected } of await shardsOf(await weightsOf(path))) {
    const part = await listOne(shard);
    for (const name of expected) {
      if (!part.tensors.has(name)) {
        throw new InputError(`"${shard}" has no tensor "${name}", which its index promises`);
      }
    }
    for (const [name, place] of part.tensors) tensors.set(name, place);
    Object.assign(metadata, part.metadata);
    files.push(shard);
    format ??= part.format;
  }
  return { format: format ?? "safetensors", tensors, metadata, files };
}

const torch = { format: "torch", metadata: {} } as const;

async function listOne(path: string): Promise<TensorListing> {
  const start = await firstBytes(path);
  if (isLegacyTorchFile(start)) {
    return { ...torch, tensors: await listLegacyTorchFile(path), files: [path] };
  }
  refuseOldTorchFile(path, start);
  if (isTorchFile(start)) return { ...torch, tensors: await listTorchFile(path), files: [path] };
  using file = await SafetensorsFile.open(path);
  const tensors = new Map<string, TensorPlace>();
  for (const [name, { dtype, shape, begin }] of file.entries) {
    tensors.set(name, { file: path, dtype, shape, begin });
  }
  return { format: "safetensors", tensors, metadata: file.metadata, files: [path] };
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    return await readExactly(file, 0, Math.min(512, size));
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** The file in a folder; anything else unchanged. */
async function weightsOf(path: string): Promise<string> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found?.isDirectory) return path;
  for (const name of folderNames) {
    const inside = join(path, name);
    if (await exists(inside)) return inside;
  }
  throw new InputError(
    `the folder "${path}" has none of ${folderNames[0]}, model.safetensors and pytorch_model.bin`,
  );
}
