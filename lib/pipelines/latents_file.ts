/**
 * Latents as files.
 * @module
 */
import { InputError } from "../errors.ts";
import { readSafetensors, writeSafetensors } from "../io/mod.ts";
import { fromBytes, type Tensor, toBytes } from "../tensor/mod.ts";

/** Latents in a file, and the clip that they stand for. */
export interface StoredLatents {
  /** Shifted and scaled, [1, C, T, h, w]; the holder frees it. */
  readonly latents: Tensor;
  /** Frames of the clip; the last latent may stand for fewer than f. */
  readonly frames: number;
  /** Pixels of the clip. */
  readonly width: number;
  /** Pixels of the clip. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
}

/** Writes latents with the facts that decoding needs, whole or not at all. */
export async function writeLatents(path: string, stored: StoredLatents): Promise<void> {
  const { latents, frames, width, height, fps } = stored;
  const record = { dtype: latents.dtype, shape: [...latents.shape], bytes: toBytes(latents) };
  await writeSafetensors(path, new Map([["latents", record]]), {
    format: "isa4d",
    kind: "latents",
    clip: JSON.stringify({ frames, width, height, fps }),
  });
}

/**
 * Reads what {@linkcode writeLatents} wrote.
 *
 * @throws InputError for a file of another kind
 */
export async function readLatents(path: string): Promise<StoredLatents> {
  const { tensors, metadata } = await readSafetensors(path);
  const record = tensors.get("latents");
  if (metadata.kind !== "latents" || !record || record.shape.length !== 5) {
    throw new InputError(`"${path}" holds no latents: write them with \`isa4d encode\``);
  }
  const clip = clipFacts(path, metadata.clip);
  return { latents: fromBytes(record.bytes, record), ...clip };
}

function clipFacts(path: string, text: string | undefined): Omit<StoredLatents, "latents"> {
  try {
    const { frames, width, height, fps } = JSON.parse(text ?? "");
    const numbers = [frames, width, height, fps];
    if (numbers.every((n) => Number.isFinite(n) && n > 0)) return { frames, width, height, fps };
  } catch {
    // Told below.
  }
  throw new InputError(`"${path}": its metadata "clip" lacks frames, width, height or fps`);
}
