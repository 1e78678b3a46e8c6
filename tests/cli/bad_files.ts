/**
 * Broken files, each made by a function of the path that it shall have.
 * @module
 */
import { dirname, join } from "node:path";
import { writeNpz, writePng, writeSafetensors } from "../../lib/io/mod.ts";
import { videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { ramps } from "../support/pictures.ts";

/** Writes one file. */
export type Writer = (path: string, folder: string) => Promise<void>;

type NpyArray = Parameters<typeof writeNpz>[1] extends ReadonlyMap<string, infer A> ? A : never;

/** Rows of one value. */
export const frames = (count: number, columns: number, fill = 0) => ({
  dtype: "float32" as const,
  shape: [count, columns],
  data: new Float32Array(count * columns).fill(fill),
});

/** A single number. */
export const scalar = (value: number) => ({
  dtype: "float64" as const,
  shape: [],
  data: Float64Array.of(value),
});

/** An archive of arrays. */
export const npz = (arrays: Record<string, NpyArray>): Writer => (path) =>
  writeNpz(path, new Map(Object.entries(arrays)));

/** A good picture of any size. */
export const picture = (width: number, height: number): Writer => (path) =>
  writePng(path, ramps({ width, height, count: 1 }));

/** The first `bytes` of another file of the case's folder. */
export const cut = (source: string, bytes = Infinity): Writer => async (path, folder) =>
  await Deno.writeFile(path, (await Deno.readFile(join(folder, source))).subarray(0, bytes));

/** A program. */
export const script = (text: string): Writer => async (path) => {
  await Deno.writeTextFile(path, `#!/bin/sh\n${text}\n`);
  await Deno.chmod(path, 0o755);
};

/** A file that nobody may read. */
export const closedFile: Writer = async (path) => {
  await Deno.writeTextFile(path, "{}");
  await Deno.chmod(path, 0);
};

/** A folder that nobody may write to. */
export const closedFolder: Writer = (path) => Deno.mkdir(path, { mode: 0o555 });

/** Metadata without tensors. */
export const safetensors = (metadata: Record<string, string>): Writer => async (path) =>
  await writeSafetensors(path, new Map(), metadata);

/** A VideoVAE's metadata without its tensors. */
export const bareVae: Writer = safetensors({
  kind: "video_vae",
  config: JSON.stringify(videoVaePresets.tiny),
});

/** A PNG whose header promises 20,000 × 20,000 pixels. */
export const widePng: Writer = async (path) => {
  await Deno.mkdir(dirname(path), { recursive: true });
  await writePng(path, ramps({ width: 16, height: 16, count: 1 }));
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, 20_000);
  view.setUint32(20, 20_000);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  await Deno.writeFile(path, bytes);
};

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
