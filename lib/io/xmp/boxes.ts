/**
 * XMP in mp4 and mov, whose parts are boxes: four bytes of length, four letters of kind, data.
 * @module
 */
import { readExactly } from "../read_file.ts";

/** The kind of box that XMP has at the file's top level (XMP specification, part 3). */
const XMP_UUID = Uint8Array.fromHex("be7acfcb97a942e89c71999491e3afac");

/** Longer than any XMP of a camera or program; more would only fill memory. */
const MAX_BYTES = 1 << 26;

/** XMP as a box, to be put after an mp4's or mov's last one. */
export function xmpBox(packet: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(packet);
  const box = new Uint8Array(8 + XMP_UUID.length + text.length);
  new DataView(box.buffer).setUint32(0, box.length);
  box.set(new TextEncoder().encode("uuid"), 4);
  box.set(XMP_UUID, 8);
  box.set(text, 8 + XMP_UUID.length);
  return box;
}

/** The XMP of an open mp4 or mov; undefined where there is none. */
export async function boxXmp(file: Deno.FsFile): Promise<string | undefined> {
  const { size } = await file.stat();
  for await (const box of boxes(file, 0, size)) {
    const found = box.kind === "uuid"
      ? await uuidXmp(file, box)
      : box.kind === "moov"
      ? await userXmp(file, box)
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Box {
  readonly kind: string;
  /** Where its data begin and end, bytes from the file's begin. */
  readonly begin: number;
  readonly end: number;
}

async function* boxes(file: Deno.FsFile, begin: number, end: number): AsyncGenerator<Box> {
  for (let at = begin; at + 8 <= end;) {
    const head = await readExactly(file, at, Math.min(16, end - at));
    const view = new DataView(head.buffer);
    const short = view.getUint32(0);
    const long = short === 1 && head.length === 16;
    const length = long ? Number(view.getBigUint64(8)) : short === 0 ? end - at : short;
    if (length < (long ? 16 : 8) || at + length > end) return;
    const kind = String.fromCharCode(...head.subarray(4, 8));
    yield { kind, begin: at + (long ? 16 : 8), end: at + length };
    at += length;
  }
}

async function uuidXmp(file: Deno.FsFile, { begin, end }: Box): Promise<string | undefined> {
  const data = begin + XMP_UUID.length;
  if (data > end || end - data > MAX_BYTES) return undefined;
  const id = await readExactly(file, begin, XMP_UUID.length);
  if (!id.every((byte, i) => byte === XMP_UUID[i])) return undefined;
  return new TextDecoder().decode(await readExactly(file, data, end - data));
}

/** QuickTime's place for it: `XMP_` among the user data. */
async function userXmp(file: Deno.FsFile, moov: Box): Promise<string | undefined> {
  for await (const user of boxes(file, moov.begin, moov.end)) {
    if (user.kind !== "udta") continue;
    for await (const { kind, begin, end } of boxes(file, user.begin, user.end)) {
      if (kind !== "XMP_" || end - begin > MAX_BYTES) continue;
      return new TextDecoder().decode(await readExactly(file, begin, end - begin));
    }
  }
  return undefined;
}
