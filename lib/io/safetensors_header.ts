/**
 * The safetensors header: 8 bytes of length, JSON, then the tensors without gaps (format as specified
 * by the safetensors project; its reader refuses the same files).
 * @module
 */
import { InputError } from "../errors.ts";
import type { DType } from "../tensor/mod.ts";

/** Longest header that is read, as in the reference implementation. */
const maxHeaderBytes = 100_000_000;

/** Where a tensor lies in its file. */
export interface TensorEntry {
  /** Element type. */
  readonly dtype: DType;
  /** Sizes; empty for a single number. */
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly begin: number;
  /** Byte after the last one. */
  readonly end: number;
}

/** What a header says. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const dtypes: Readonly<Record<string, { dtype: DType; size: number }>> = {
  F64: { dtype: "float64", size: 8 },
  F32: { dtype: "float32", size: 4 },
  F16: { dtype: "float16", size: 2 },
  BF16: { dtype: "bfloat16", size: 2 },
  I64: { dtype: "int64", size: 8 },
  I32: { dtype: "int32", size: 4 },
  I16: { dtype: "int16", size: 2 },
  I8: { dtype: "int8", size: 1 },
  U8: { dtype: "uint8", size: 1 },
  BOOL: { dtype: "bool", size: 1 },
};

const names = new Map(
  Object.entries(dtypes).map(([name, { dtype, size }]) => [dtype, { name, size }]),
);

/** The format's name of a dtype and its bytes an element. */
export function storedDType(dtype: DType): { name: string; size: number } {
  return names.get(dtype)!;
}

/** Bytes that a tensor of this dtype and shape takes. */
export function byteLength(dtype: DType, shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, storedDType(dtype).size);
}

/** Length of the JSON from the first 8 bytes; throws {@linkcode InputError} where it cannot be. */
export function headerLength(path: string, prefix: Uint8Array, fileSize: number): number {
  if (prefix.length < 8) {
    throw bad(path, `${prefix.length} bytes are too few for a header`);
  }
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (length > maxHeaderBytes || length < 2) {
    throw bad(path, `its header claims ${length} bytes, expected 2 to ${maxHeaderBytes}`);
  }
  if (8 + length > fileSize) {
    throw bad(path, `its header needs ${8 + length} bytes, the file has ${fileSize}`);
  }
  return length;
}

/**
 * Checks the header's JSON: known dtypes, sizes that agree with the shapes, ranges that cover the rest
 * of the file exactly once. Throws {@linkcode InputError} otherwise.
 */
export function parseHeader(path: string, json: Uint8Array, fileSize: number): SafetensorsHeader {
  const value = parseJson(path, json);
  const dataStart = 8 + json.length;
  const entries = new Map<string, TensorEntry>();
  for (const [name, entry] of Object.entries(value)) {
    if (name !== "__metadata__") entries.set(name, parseEntry(path, name, entry, dataStart));
  }
  checkCoverage(path, entries, dataStart, fileSize);
  return { entries, metadata: parseMetadata(path, value["__metadata__"]) };
}

function parseJson(path: string, json: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw bad(path, "its header is not JSON", cause);
  }
  if (!isRecord(value)) throw bad(path, "its header is not a JSON object");
  return value;
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): TensorEntry {
  if (!isRecord(entry)) throw bad(path, `tensor "${name}" has no record`);
  const { dtype: stored, shape, data_offsets: offsets } = entry;
  const known = typeof stored === "string" && Object.hasOwn(dtypes, stored) && dtypes[stored];
  if (!known) {
    const list = Object.keys(dtypes).join(", ");
    throw bad(
      path,
      `tensor "${name}" has dtype ${JSON.stringify(stored)}, expected one of ${list}`,
    );
  }
  if (!isSizes(shape)) {
    throw bad(path, `tensor "${name}" has shape ${JSON.stringify(shape)}`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw bad(path, `tensor "${name}" has data_offsets ${JSON.stringify(offsets)}`);
  }
  const bytes = byteLength(known.dtype, shape);
  if (offsets[1] - offsets[0] !== bytes) {
    const range = `${offsets[0]}–${offsets[1]}`;
    throw bad(path, `tensor "${name}" ${stored} [${shape}] takes ${bytes} bytes, has ${range}`);
  }
  return {
    dtype: known.dtype,
    shape,
    begin: dataStart + offsets[0],
    end: dataStart + offsets[1],
  };
}

/** Ranges follow one another from the header's end to the file's end: no overlap, no hole. */
function checkCoverage(
  path: string,
  entries: ReadonlyMap<string, TensorEntry>,
  dataStart: number,
  fileSize: number,
): void {
  const sorted = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = dataStart;
  for (const [name, { begin, end }] of sorted) {
    if (end > fileSize) {
      throw bad(path, `tensor "${name}" ends at byte ${end}, the file has ${fileSize}: truncated?`);
    }
    if (begin !== at) {
      throw bad(path, `tensor "${name}" starts at byte ${begin}, expected ${at}`);
    }
    at = end;
  }
  if (at !== fileSize) {
    throw bad(path, `${fileSize - at} bytes after the last tensor`);
  }
}

function parseMetadata(path: string, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((v) => typeof v === "string")) {
    throw bad(path, "__metadata__ is not a record of strings");
  }
  return value as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function bad(path: string, reason: string, cause?: unknown): InputError {
  return new InputError(`cannot read "${path}" as safetensors: ${reason}`, { cause });
}
