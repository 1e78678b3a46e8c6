/**
 * Latents as files.
 * @module
 */
import { InputError } from "../../errors.ts";
import { readSafetensors, SafetensorsFile, writeSafetensors } from "../../io/mod.ts";
import { fromBytes, type Tensor, toBytes } from "../../tensor/mod.ts";
import { type GenerationRecord, parseRecord, portableRecord } from "./provenance.ts";

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

/**
 * Writes latents with the facts that decoding needs, whole or not at all; `record` says what they were
 * generated from.
 */
export async function writeLatents(
  path: string,
  stored: StoredLatents,
  record?: GenerationRecord,
): Promise<void> {
  const { latents, frames, width, height, fps } = stored;
  const tensor = { dtype: latents.dtype, shape: [...latents.shape], bytes: toBytes(latents) };
  await writeSafetensors(path, new Map([["latents", tensor]]), {
    format: "isa4d",
    kind: "latents",
    clip: JSON.stringify({ frames, width, height, fps }),
    ...(record ? { record: JSON.stringify(portableRecord(record, path)) } : {}),
  });
}

/**
 * What generated latents were made from.
 *
 * @throws InputError for latents of a clip that was encoded, and for a file of another kind
 */
export async function readLatentsRecord(path: string): Promise<GenerationRecord> {
  using file = await SafetensorsFile.open(path);
  const { kind, record } = file.metadata;
  if (kind !== "latents") throw new InputError(`"${path}" holds no latents: ${describeKind(kind)}`);
  if (!record) {
    throw new InputError(
      `"${path}" holds latents without a job: decode them with \`isa4d decode\``,
    );
  }
  return parseRecord(record, path);
}

function describeKind(kind: string | undefined): string {
  return kind === "sampling"
    ? "its sampling is not finished, continue it with --resume"
    : "give what --save-latents wrote";
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
