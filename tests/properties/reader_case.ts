/**
 * What a row of the table of readers is, and what makes files for it.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NpyArray, packWeights, writeSafetensors } from "../../lib/io/mod.ts";

/** A reader and a file for it. */
export interface ReaderCase {
  readonly name: string;
  /** What the file is called; its folder is new for each case. */
  readonly file: string;
  /** Bytes that are read without an error. */
  readonly sample: () => Promise<Uint8Array> | Uint8Array;
  readonly read: (path: string) => Promise<unknown>;
  /** Puts what must lie beside the file into its folder. */
  readonly beside?: (folder: string) => Promise<void>;
  /** For one that is slow: runs of each property that must do. */
  readonly runs?: number;
}

/** Path of a file below tests/fixtures. */
export const fixturePath = (path: string) =>
  fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
/** Bytes of a file below tests/fixtures. */
export const fixture = (path: string) => Deno.readFile(fixturePath(path));
/** JSON as bytes. */
export const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
/** An array of this shape, of rising numbers. */
export const floats = (shape: number[]): NpyArray => {
  const data = new Float32Array(shape.reduce((n, d) => n * d, 1)).map((_, i) => i / 8);
  return { dtype: "float32", shape, data };
};

/** What a writer of files writes, as bytes. */
export async function written(
  name: string,
  write: (path: string) => Promise<unknown>,
): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir({ prefix: "isa4d-test-" });
  try {
    await write(join(folder, name));
    return await Deno.readFile(join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes packed weights. */
export const stored = (path: string) => {
  const bytes = new Uint8Array(4800).fill(61);
  const tensors = new Map([
    ["a.weight", { dtype: "float32" as const, shape: [40, 30], bytes }],
    ["b", { dtype: "float32" as const, shape: [1200], bytes }],
  ]);
  return writeSafetensors(path, packWeights(tensors), { format: "pt" });
};
