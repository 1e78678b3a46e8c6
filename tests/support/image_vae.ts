/**
 * The image VAE of `tests/fixtures/video_vae/make_sd3_vae.py`, written as the two files that people
 * have: its weights are a formula, so no fixture holds them.
 * @module
 */
import { fileURLToPath } from "node:url";
import { readSafetensors, type TensorToStore, writeSafetensors } from "../../lib/io/mod.ts";

/** Sizes of a picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** rgb24. */
  readonly data: Uint8Array;
}

/** The fixture: a picture, and what diffusers makes of it. */
export interface ImageVaeFixture {
  readonly picture: Picture;
  readonly pixels: Picture;
  /** Latent mean [1,16,2,3], before shift and scale. */
  readonly mean: Float32Array;
  /** Names and shapes: diffusers' name, the single file's, and the shape in each. */
  readonly names: readonly [string, string, number[], number[]][];
}

/** Reads the fixture. */
export async function readImageVaeFixture(): Promise<ImageVaeFixture> {
  const path = fileURLToPath(
    new URL("../fixtures/video_vae/sd3_vae.safetensors", import.meta.url),
  );
  const { tensors, metadata } = await readSafetensors(path);
  const picture = (name: string): Picture => {
    const { shape: [height, width], bytes: data } = tensors.get(name)!;
    return { width, height, data };
  };
  return {
    picture: picture("picture"),
    pixels: picture("pixels"),
    mean: new Float32Array(tensors.get("mean")!.bytes.buffer),
    names: JSON.parse(metadata.names),
  };
}

/** The VAE's tensors by the names of one layout; `prefix` goes before each. */
export function imageVaeTensors(
  { names }: ImageVaeFixture,
  layout: "diffusers" | "single file",
  prefix = "",
): Map<string, TensorToStore> {
  return new Map(names.map(([diffusers, single, shape, singleShape]) => {
    const bytes = new Uint8Array(wave(diffusers, shape).buffer);
    const ours = layout === "diffusers";
    const stored = { dtype: "float32" as const, shape: ours ? shape : singleShape, bytes };
    return [prefix + (ours ? diffusers : single), stored];
  }));
}

/** Writes the VAE in one layout. */
export async function writeImageVae(
  path: string,
  layout: "diffusers" | "single file",
  { prefix = "" }: { readonly prefix?: string } = {},
): Promise<void> {
  const fixture = await readImageVaeFixture();
  await writeSafetensors(path, imageVaeTensors(fixture, layout, prefix));
}

function wave(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  const phase = name.length + [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const matrix = shape.length > 1;
  const scale = (matrix ? 2 : 0.5) / Math.sqrt(matrix ? count / shape[0] : count);
  const offset = !matrix && name.includes("norm") && name.endsWith("weight") ? 1 : 0;
  return Float32Array.from({ length: count }, (_, i) => scale * Math.sin(1.7 * i + phase) + offset);
}
