/**
 * WebP's container (RIFF): its chunks, its timing, and text in its XMP.
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
  /** XMP's description; undefined where there is none. */
  readonly description?: string;
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

/** Reads size, delays and description. Throws {@linkcode InputError} for a broken file. */
export function webpFacts(path: string, bytes: Uint8Array): WebpFacts {
  const chunks = [...riffChunks(path, bytes)];
  const canvas = chunks.find(({ name }) => name === "VP8X")?.data;
  const xmp = chunks.find(({ name }) => name === "XMP ")?.data;
  return {
    width: canvas ? uint24(canvas, 4) + 1 : 0,
    height: canvas ? uint24(canvas, 7) + 1 : 0,
    delays: chunks.filter(({ name }) => name === "ANMF").map(({ data }) => uint24(data, 12)),
    description: xmp && xmpDescription(new TextDecoder().decode(xmp)),
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

/** An XMP packet that holds one text as its description (dc:description). */
export function xmpPacket(description: string): string {
  const text = description.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${text}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;
}

function xmpDescription(packet: string): string | undefined {
  const text = /<dc:description>\s*<rdf:Alt>\s*<rdf:li[^>]*>([\s\S]*?)<\/rdf:li>/.exec(packet)?.[1];
  return text?.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'").replaceAll("&amp;", "&");
}
