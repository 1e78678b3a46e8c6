/**
 * The transformer of `tests/fixtures/isa_dit/make_sd3.py`, written as the two files that people have.
 * @module
 */
import { fileURLToPath } from "node:url";
import { readSafetensors, type TensorToStore, writeSafetensors } from "../../lib/io/mod.ts";
import { type IsaDitConfig, parseIsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { formulaTensor } from "./formula.ts";

/** ISA-DiT of the fixture's sizes. */
export const sd3Config: IsaDitConfig = parseIsaDitConfig({
  latentChannels: 4,
  temporalFactor: 2,
  width: 24,
  pointWidth: 12,
  layers: 3,
  heads: 2,
  pointHeads: 2,
  blockMultiplier: 2,
  pointMultiplier: 2,
  pointsPerPerson: 5,
  pointFrequencies: 2,
  positionTableSize: 6,
  imageEncoder: {
    ...{ imageSize: 16, patchSize: 8, hiddenSize: 24, intermediateSize: 36 },
    ...{ layers: 2, heads: 2 },
  },
});

const path = fileURLToPath(new URL("../fixtures/isa_dit/sd3.safetensors", import.meta.url));

/** The transformer's tensors by the names of one layout. */
export async function sd3Tensors(
  layout: "diffusers" | "single file",
): Promise<Map<string, TensorToStore>> {
  const { tensors, metadata } = await readSafetensors(path);
  const shapes: Record<string, number[]> = JSON.parse(metadata.shapes);
  const own = new Map<string, TensorToStore>(
    Object.entries(shapes).map((
      [name, shape],
    ) => [name, tensors.get(name) ?? formulaTensor(name, shape, { norms: false })]),
  );
  if (layout === "diffusers") return own;
  const single: Record<string, [string[], boolean]> = JSON.parse(metadata.single);
  return new Map(
    Object.entries(single).map(([name, [parts, swapped]]) => {
      const whole = joined(parts.map((part) => own.get(part)!));
      return [`model.diffusion_model.${name}`, swapped ? halvesSwapped(whole) : whole];
    }),
  );
}

/** Writes it in one layout; `change` may spoil it first. */
export async function writeSd3(
  file: string,
  layout: "diffusers" | "single file",
  change: (tensors: Map<string, TensorToStore>) => void = () => {},
): Promise<void> {
  const tensors = await sd3Tensors(layout);
  change(tensors);
  await writeSafetensors(file, tensors);
}

function joined(parts: readonly TensorToStore[]): TensorToStore {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  const [{ shape: [, ...rest] }] = parts;
  const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
  return { dtype: "float32", shape: [rows, ...rest], bytes };
}

function halvesSwapped({ dtype, shape, bytes }: TensorToStore): TensorToStore {
  const half = bytes.length / 2;
  const swapped = new Uint8Array(bytes.length);
  swapped.set(bytes.subarray(half));
  swapped.set(bytes.subarray(0, half), half);
  return { dtype, shape, bytes: swapped };
}
