/**
 * Writing animated WebP: every frame a picture of its own, so that none is merged with its neighbour
 * and memory does not grow with length.
 * @module
 */
import sharp from "sharp";
import type { FrameStream } from "./frames.ts";
import { checkedFrames } from "./video_encode.ts";
import { type Chunk, chunkBytes, riffChunks, WEBP_UNIT } from "./webp.ts";

/** libwebp's quality, 0 to 100. */
const QUALITY = 90;

/** Fills `part` with a looping animation; `path` is what errors call it. */
export async function writeWebp(
  { path, part }: { readonly path: string; readonly part: string },
  stream: FrameStream,
  { rate, xmp }: { readonly rate: number; readonly xmp?: string },
): Promise<void> {
  const { width, height } = stream;
  using file = await Deno.open(part, { write: true, create: true, truncate: true });
  let length = 0;
  const write = async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    length += bytes.length;
  };
  await write(new TextEncoder().encode("RIFF\0\0\0\0WEBP"));
  await write(chunkBytes({ name: "VP8X", data: canvas(width, height, xmp !== undefined) }));
  await write(chunkBytes({ name: "ANIM", data: new Uint8Array(6) })); // loops for ever
  let count = 0;
  const begin = (frame: number) => Math.round(frame * WEBP_UNIT / rate);
  for await (const frame of checkedFrames(path, stream)) {
    const raw = { width, height, channels: 3 as const };
    const still = await sharp(frame, { raw }).webp({ quality: QUALITY }).toBuffer();
    const delay = begin(count + 1) - begin(count);
    const data = animationFrame([...riffChunks(path, still)], { width, height, delay });
    await write(chunkBytes({ name: "ANMF", data }));
    count++;
  }
  if (xmp !== undefined) {
    await write(chunkBytes({ name: "XMP ", data: new TextEncoder().encode(xmp) }));
  }
  await file.seek(4, Deno.SeekMode.Start);
  await write(littleEndian([[length - 8, 4]]));
}

function canvas(width: number, height: number, hasXmp: boolean): Uint8Array {
  const flags = 0x02 | (hasXmp ? 0x04 : 0); // animation, XMP
  return littleEndian([[flags, 4], [width - 1, 3], [height - 1, 3]]);
}

/** A frame over the whole canvas that replaces what was there. */
function animationFrame(
  chunks: readonly Chunk[],
  { width, height, delay }: { width: number; height: number; delay: number },
): Uint8Array {
  const noBlend = 0x02;
  const head = littleEndian([
    ...[[0, 3], [0, 3], [width - 1, 3], [height - 1, 3]] as const,
    ...[[delay, 3], [noBlend, 1]] as const,
  ]);
  const picture = chunks.filter(({ name }) => ["VP8 ", "VP8L", "ALPH"].includes(name));
  const parts = [head, ...picture.map(chunkBytes)];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Numbers of so many bytes each, one after the other. */
function littleEndian(fields: readonly (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([value, size]) =>
      Array.from({ length: size }, (_, byte) => Math.floor(value / 256 ** byte) % 256)
    ),
  );
}
