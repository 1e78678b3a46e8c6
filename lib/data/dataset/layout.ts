/**
 * How a data set of synthetic clips lies on disk: `index.json` and one safetensors file for every
 * `shardSize` clips.
 * @module
 */
import { z } from "zod";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { readJson } from "../../io/mod.ts";

/** Content of `index.json`: what all clips share, and which they are. */
export interface DatasetIndex {
  /** Tells the file from others. */
  readonly format: "isa4d-clips";
  /** Of the layout. */
  readonly version: 1;
  /** How many clips the whole data set has. */
  readonly clips: number;
  /** Clip i is drawn from seed `seed + i`. */
  readonly seed: number;
  /** Clips a file; the last may have fewer. */
  readonly shardSize: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a clip. */
  readonly frames: number;
  /** Frames a second. */
  readonly fps: number;
  /** Names that the stored motion numbers stand for. */
  readonly motions: readonly string[];
  /** Names that the stored camera numbers stand for. */
  readonly cameraKinds: readonly string[];
}

const indexSchema: z.ZodType<DatasetIndex> = z.object({
  format: z.literal("isa4d-clips"),
  version: z.literal(1),
  clips: z.int().min(1),
  seed: z.int().min(0),
  shardSize: z.int().min(1),
  width: z.int().min(2).max(4096),
  height: z.int().min(2).max(4096),
  frames: z.int().min(1),
  fps: z.number().positive(),
  motions: z.array(z.string()),
  cameraKinds: z.array(z.string()),
});

/** Path of a data set's index. */
export function datasetIndexPath(folder: string): string {
  return join(folder, "index.json");
}

/** Path of a shard. */
export function shardPath(folder: string, shard: number): string {
  return join(folder, `shard-${String(shard).padStart(5, "0")}.safetensors`);
}

/** The shard that a file name is of; undefined for other files. */
export function shardNumber(name: string): number | undefined {
  const digits = /^shard-(\d{5,})\.safetensors$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** How many shards the whole data set has. */
export function shardCount({ clips, shardSize }: DatasetIndex): number {
  return Math.ceil(clips / shardSize);
}

/** How many clips a shard has. */
export function clipsIn({ clips, shardSize }: DatasetIndex, shard: number): number {
  return Math.min(shardSize, clips - shard * shardSize);
}

/** Checks an index; `path` is what messages call it. */
export function checkIndex(value: unknown, path: string): DatasetIndex {
  const result = indexSchema.safeParse(value);
  if (result.success) return result.data;
  const { path: field, message } = result.error.issues[0];
  throw new InputError(
    `cannot use data set index "${path}": ${field.join(".") || "the file"}: ${message}`,
    { cause: result.error },
  );
}

/** Reads and checks `index.json`. Throws InputError where it is missing or no data set's. */
export async function readIndex(folder: string): Promise<DatasetIndex> {
  const path = datasetIndexPath(folder);
  return checkIndex(await readJson(path), path);
}
