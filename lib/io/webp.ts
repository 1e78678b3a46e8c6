/**
 * WebP's container (RIFF): its chunks, its timing, and its XMP.
 * @module
 */
import { InputError } from "../errors.ts";

/** What an animated WebP says besides its pictures. */
export interface WebpFacts {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** One a frame, in ms; empty for a still picture. */
  readonly delays: readonly number[];
  /** Its XMP packet; undefined where there is none. */
  readonly xmp?: string;
}

/** Units of a second that a WebP counts time in. */
export const WEBP_UNIT = 1000;

/** A chunk of a RIFF file. */
export interface Chunk {
  /** Four letters. */
  readonly name: string;
  /** Without name, length and padding. */
  readonly data: Uint8Array;
}

/** True for bytes that begin as a WebP does. */
export function isWebp(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  return text.startsWith("RIFF") && text.endsWith("WEBP");
}

/** Reads size, delays and XMP. Throws {@linkcode InputError} for a broken file. */
export function webpFacts(path: string, bytes: Uint8Array): WebpFacts {
  const chunks = [...riffChunks(path, bytes)];
  const canvas = chunks.find(({ name }) => name === "VP8X")?.data;
  const xmp = chunks.find(({ name }) => name === "XMP ")?.data;
  return {
    width: canvas ? uint24(canvas, 4) + 1 : 0,
    height: canvas ? uint24(canvas, 7) + 1 : 0,
    delays: chunks.filter(({ name }) => name === "ANMF").map(({ data }) => uint24(data, 12)),
    xmp: xmp && new TextDecoder().decode(xmp),
  };
}

/** The chunks of a WebP. Throws {@linkcode InputError} for one that ends early. */
export function* riffChunks(path: string, bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > bytes.length) {
      throw new InputError(`cannot read "${path}": the file is truncated`);
    }
    yield { name, data: bytes.subarray(at + 8, at + 8 + size) };
    at += 8 + size + size % 2;
  }
}

/** A chunk as bytes, padded to even length. */
export function chunkBytes({ name, data }: Chunk): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8 + data.length + data.length % 2);
  out.set(new TextEncoder().encode(name));
  new DataView(out.buffer).setUint32(4, data.length, true);
  out.set(data, 8);
  return out;
}

/** A number of three bytes. */
function uint24(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
}
