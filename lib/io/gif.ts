/**
 * The parts of GIF (version 89a) that ffmpeg leaves alone: delays, comments and XMP.
 * @module
 */
import { InputError } from "../errors.ts";

/** What a gif says besides its pictures. */
export interface GifFacts {
  /** One a frame, in 1/100 s. */
  readonly delays: readonly number[];
  /** All comment blocks, joined; undefined where there is none. */
  readonly comment?: string;
  /** Its XMP packet; undefined where there is none. */
  readonly xmp?: string;
}

/** Units of a second that a gif counts time in. */
export const GIF_UNIT = 100;

/** True for bytes that begin as a gif does. */
export function isGif(bytes: Uint8Array): boolean {
  return /^GIF8[79]a/.test(String.fromCharCode(...bytes.subarray(0, 6)));
}

/** Reads delays, comment and XMP. Throws {@linkcode InputError} that names `path` for a broken file. */
export function gifFacts(path: string, bytes: Uint8Array): GifFacts {
  const delays: number[] = [];
  const comments: Uint8Array[] = [];
  let xmp: string | undefined;
  for (const block of blocks(path, bytes)) {
    if (block.kind === "image") delays.push(block.control ? delayAt(bytes, block.control) : 0);
    else if (block.kind === "comment") comments.push(block.data);
    else xmp ??= new TextDecoder().decode(block.packet);
  }
  return {
    delays,
    comment: comments.length === 0 ? undefined : new TextDecoder().decode(joined(comments)),
    xmp,
  };
}

/** The same gif with these delays and, in front of its pictures, comment and XMP. */
export function withGifFacts(
  path: string,
  bytes: Uint8Array,
  { delays, comment, xmp }: GifFacts,
): Uint8Array {
  const out = bytes.slice();
  let frame = 0;
  for (const block of blocks(path, bytes)) {
    if (block.kind !== "image" || block.control === undefined) continue;
    new DataView(out.buffer).setUint16(block.control + 4, delays[frame++], true);
  }
  const begin = headerLength(bytes);
  return joined([
    out.subarray(0, begin),
    ...comment === undefined ? [] : [commentBlock(comment)],
    ...xmp === undefined ? [] : [xmpBlock(xmp)],
    out.subarray(begin),
  ]);
}

type Block =
  | { readonly kind: "image"; readonly control?: number }
  | { readonly kind: "comment"; readonly data: Uint8Array }
  | { readonly kind: "xmp"; readonly packet: Uint8Array };

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
      else if (label === 0xff && isXmp(data)) {
        yield { kind: "xmp", packet: bytes.subarray(at + 3 + XMP_ID.length, end - XMP_END.length) };
      }
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

/** What an application extension with XMP begins with. */
const XMP_ID = new TextEncoder().encode("XMP DataXMP");

/**
 * XMP stands in a gif as it is, without lengths: from wherever a reader of blocks jumps to here, these
 * bytes lead it to the last 0.
 */
const XMP_END = Uint8Array.from([1, ...Array.from({ length: 256 }, (_, i) => 255 - i), 0]);

function isXmp(data: Uint8Array): boolean {
  return XMP_ID.every((byte, i) => data[i] === byte);
}

function xmpBlock(packet: string): Uint8Array {
  const head = [Uint8Array.of(0x21, 0xff, XMP_ID.length), XMP_ID];
  return joined([...head, new TextEncoder().encode(packet), XMP_END]);
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
