/**
 * Changes of binary files that keep what holds them together: lengths, checksums, packing.
 * @module
 */
import { crc32, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { unzipSync, type Zippable, zipSync } from "fflate";
import type { Random } from "../random.ts";
import { changeBytes, edgeBytes, splice } from "./bytes.ts";
import { changeJson } from "./json.ts";
import { changePickle, looksLikePickle } from "./pickle.ts";
import { changeText, edgeWords } from "./text.ts";

/** Changes a file's bytes; `other` is a file of the same kind. */
export type Change = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const [MAGIC_NPY, MAGIC_ZIP] = [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], [0x50, 0x4b, 3, 4]];
const begins = (bytes: Uint8Array, magic: readonly number[]) =>
  magic.every((byte, i) => bytes[i] === byte);
const ascii = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
const encode = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What a file claims to hold beyond this many bytes is not unpacked: it would take minutes to change. */
const MOST_UNPACKED = 2 ** 22;

/** The change that fits a file best; undefined where its format is not known here. */
export function grammarOf(bytes: Uint8Array): Change | undefined {
  if (begins(bytes, MAGIC_NPY)) return changeNpy;
  if (begins(bytes, MAGIC_ZIP)) return changeZip;
  if (begins(bytes, [0x1f, 0x8b])) return packed(gunzipSync, gzipSync);
  if (begins(bytes, [0x78]) && [1, 0x5e, 0x9c, 0xda].includes(bytes[1])) {
    return packed(inflateSync, deflateSync);
  }
  if (begins(bytes, [0x89, 0x50, 0x4e, 0x47])) return changePng;
  if (ascii(bytes.subarray(0, 4)) === "RIFF" || ascii(bytes.subarray(4, 8)) === "ftyp") {
    return changeBoxes;
  }
  if (bytes.length > 10 && bytes[8] === 0x7b && view(bytes).getUint32(4, true) === 0) {
    return changeSafetensors;
  }
  if (looksLikePickle(bytes)) return changePickle;
  const text = utf8(bytes);
  if (text === undefined) return undefined;
  return (random) => new TextEncoder().encode(changeLines(random, text));
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON, JSON in lines, or any other text. */
function changeLines(random: Random, text: string): string {
  if (random.chance(0.2)) return changeText(random, text);
  const whole = changeJson(random, text);
  if (whole !== undefined) return whole;
  const lines = text.split("\n");
  const at = random.below(lines.length);
  const one = changeJson(random, lines[at]);
  return one === undefined ? changeText(random, text) : lines.with(at, one).join("\n");
}

const inner = (random: Random, bytes: Uint8Array, other: Uint8Array) =>
  (random.chance(0.7) ? grammarOf(bytes) ?? changeBytes : changeBytes)(random, bytes, other);

function packed(
  unpack: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array,
  pack: (bytes: Uint8Array) => Uint8Array,
): Change {
  return (random, bytes, other) => {
    try {
      const content = new Uint8Array(unpack(bytes, { maxOutputLength: MOST_UNPACKED }));
      return new Uint8Array(pack(inner(random, content, other)));
    } catch {
      return changeBytes(random, bytes, other);
    }
  };
}

/** The header's text, and the length before it. */
const changeNpy: Change = (random, bytes, other) => {
  if (bytes.length < 12 || random.chance(0.15)) return changeBytes(random, bytes, other);
  const wide = bytes[6] > 1;
  const start = wide ? 12 : 10;
  const length = wide ? view(bytes).getUint32(8, true) : view(bytes).getUint16(8, true);
  const [header, data] = [bytes.subarray(start, start + length), bytes.subarray(start + length)];
  if (random.chance(0.15)) {
    return joined(bytes.subarray(0, start + length), inner(random, data, other));
  }
  const kinds = ["<f2", "<f4", ">f8", "|u1", "<i8", "<u8", "|b1", "|O", "<c8", "<U9", "|S4", "|V8"];
  const text = random.chance(0.3)
    ? ascii(header).replace(/'[<>|=][a-zA-Z]\d*'/, `'${random.pick(kinds)}'`)
    : changeText(random, ascii(header));
  const changed = encode(text);
  const size = new Uint8Array(wide ? 4 : 2);
  if (wide) view(size).setUint32(0, changed.length, true);
  else view(size).setUint16(0, changed.length, true);
  return joined(bytes.subarray(0, 8), size, changed, data);
};

const changeSafetensors: Change = (random, bytes, other) => {
  const length = view(bytes).getUint32(0, true);
  const header = utf8(bytes.subarray(8, 8 + length));
  const changed = header !== undefined && random.chance(0.85)
    ? random.chance(0.7) ? changeJson(random, header) : changeText(random, header)
    : undefined;
  if (changed === undefined) return changeBytes(random, bytes, other);
  const text = new TextEncoder().encode(changed);
  const size = new Uint8Array(8);
  view(size).setUint32(0, text.length, true);
  return joined(size, text, bytes.subarray(8 + length));
};

const changeZip: Change = (random, bytes, other) => {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: ({ originalSize }) => originalSize <= MOST_UNPACKED });
  } catch {
    return changeBytes(random, bytes, other);
  }
  const names = Object.keys(files);
  if (names.length === 0 || random.chance(0.2)) return changeDirectory(random, bytes);
  const name = random.pick(names);
  const out: Zippable = { ...files };
  const choice = random.below(8);
  if (choice === 0) delete out[name];
  else if (choice === 1) {
    delete out[name];
    const slips = ["../x.npy", "/etc/x.npy", "a/../../x", `${name}/x`, ".npy", name.toUpperCase()];
    out[random.pick([...slips, ...edgeWords.filter((word) => word.length < 200)])] = files[name];
  } else if (choice === 2) out[name] = files[random.pick(names)];
  else out[name] = inner(random, files[name], other);
  try {
    return zipSync(out, { level: random.chance(0.5) ? 0 : 6 });
  } catch {
    return changeBytes(random, bytes, other);
  }
};

/** Sizes, names' lengths, offsets and kinds in the records that make a zip. */
function changeDirectory(random: Random, bytes: Uint8Array): Uint8Array {
  const records: number[] = [];
  for (let at = 0; at + 4 < bytes.length; at++) {
    if (bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] < 8) records.push(at);
  }
  if (records.length === 0) return bytes;
  const piece = edgeBytes(random);
  const at = random.pick(records) + 4 + random.below(42);
  return splice(bytes, { at: Math.min(at, bytes.length), length: piece.length, piece });
}

/** A chunk's content, with a checksum that fits; chunks in another order, or twice. */
const changePng: Change = (random, bytes, other) => {
  const chunks: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view(bytes).getUint32(at);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  if (chunks.length === 0 || random.chance(0.2)) return changeBytes(random, bytes, other);
  const at = random.below(chunks.length);
  const chosen = chunks[at];
  const choice = random.below(4);
  if (choice === 0) chunks.splice(at, 1);
  else if (choice === 1) chunks.splice(random.below(chunks.length), 0, chosen);
  else {
    const content = changeBytes(random, chosen.subarray(8, -4), other);
    const body = joined(chosen.subarray(4, 8), content);
    const [length, sum] = [new Uint8Array(4), new Uint8Array(4)];
    view(length).setUint32(0, random.chance(0.1) ? 0xffffffff : content.length);
    view(sum).setUint32(0, crc32(body));
    chunks[at] = joined(length, body, sum);
  }
  return joined(bytes.subarray(0, 8), ...chunks);
};

/** Sizes of RIFF's and MP4's boxes: four letters with a number before or behind. */
const changeBoxes: Change = (random, bytes, other) => {
  const places: number[] = [];
  for (let at = 4; at + 8 < Math.min(bytes.length, 1 << 16); at++) {
    if (bytes.subarray(at, at + 4).every((b) => (b >= 97 && b <= 122) || (b >= 65 && b <= 90))) {
      places.push(at);
    }
  }
  if (places.length === 0 || random.chance(0.4)) return changeBytes(random, bytes, other);
  const at = random.pick(places) + random.pick([-4, 4, 4, 8, 12, 16, 20]);
  const piece = edgeBytes(random);
  return splice(bytes, { at: Math.max(0, at), length: piece.length, piece });
};

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
