/**
 * The parts of GIF (version 89a) that ffmpeg leaves alone: delays and comments.
 * @module
 */
import { InputError } from "../errors.ts";

/** What a gif says besides its pictures. */
export interface GifFacts {
  /** One a frame, in 1/100 s. */
  readonly delays: readonly number[];
  /** All comment blocks, joined; undefined where there is none. */
  readonly comment?: string;
}

/** Units of a second that a gif counts time in. */
export const GIF_UNIT = 100;

/** True for bytes that begin as a gif does. */
export function isGif(bytes: Uint8Array): boolean {
  return /^GIF8[79]a/.test(String.fromCharCode(...bytes.subarray(0, 6)));
}

/** Reads delays and comment. Throws {@linkcode InputError} that names `path` for a broken file. */
export function gifFacts(path: string, bytes: Uint8Array): GifFacts {
  const delays: number[] = [];
  const comments: Uint8Array[] = [];
  for (const block of blocks(path, bytes)) {
    if (block.kind === "image") delays.push(block.control ? delayAt(bytes, block.control) : 0);
    else if (block.kind === "comment") comments.push(block.data);
  }
  return {
    delays,
    comment: comments.length === 0 ? undefined : new TextDecoder().decode(joined(comments)),
  };
}

/** The same gif with these delays and, in front of its pictures, a comment. */
export function withGifFacts(
  path: string,
  bytes: Uint8Array,
  { delays, comment }: GifFacts,
): Uint8Array {
  const out = bytes.slice();
  let frame = 0;
  for (const block of blocks(path, bytes)) {
    if (block.kind !== "image" || block.control === undefined) continue;
    new DataView(out.buffer).setUint16(block.control + 4, delays[frame++], true);
  }
  if (comment === undefined) return out;
  const begin = headerLength(bytes);
  return joined([out.subarray(0, begin), commentBlock(comment), out.subarray(begin)]);
}

type Block =
  | { readonly kind: "image"; readonly control?: number }
  | { readonly kind: "comment"; readonly data: Uint8Array };

/** Header, screen descriptor and global colour table. */
function headerLength(bytes: Uint8Array): number {
  const packed = bytes[10];
  return 13 + (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);
}

function* blocks(path: string, bytes: Uint8Array): Generator<Block> {
  let at = headerLength(bytes);
  let control: number | undefined;
  while (at < bytes.length && bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      const label = bytes[at + 1];
      if (label === 0xf9) control = at;
      const { data, end } = subBlocks(bytes, at + 2);
      if (label === 0xfe) yield { kind: "comment", data };
      at = end;
    } else if (bytes[at] === 0x2c) {
      const packed = bytes[at + 9];
      const table = packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
      // Descriptor, local colour table, the code size, then the pixels.
      at = subBlocks(bytes, at + 10 + table + 1).end;
      yield { kind: "image", control };
      control = undefined;
    } else if (bytes[at] === 0) {
      at++; // some programs leave one between blocks
    } else {
      throw new InputError(`cannot read "${path}" as a gif: byte ${at} begins no block`);
    }
  }
  if (at >= bytes.length) throw new InputError(`cannot read "${path}": the file is truncated`);
}

/** Blocks of at most 255 bytes, each after its length, until one of length 0. */
function subBlocks(bytes: Uint8Array, begin: number): { data: Uint8Array; end: number } {
  const parts: Uint8Array[] = [];
  let at = begin;
  while (at < bytes.length && bytes[at] !== 0) {
    parts.push(bytes.subarray(at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
  }
  return { data: joined(parts), end: at + 1 };
}

function commentBlock(text: string): Uint8Array {
  const data = new TextEncoder().encode(text);
  const parts = [Uint8Array.of(0x21, 0xfe)];
  for (let at = 0; at < data.length; at += 255) {
    const part = data.subarray(at, at + 255);
    parts.push(Uint8Array.of(part.length), part);
  }
  return joined([...parts, Uint8Array.of(0)]);
}

/** The delay of a graphic control extension. */
function delayAt(bytes: Uint8Array, control: number): number {
  return bytes[control + 4] | bytes[control + 5] << 8;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
