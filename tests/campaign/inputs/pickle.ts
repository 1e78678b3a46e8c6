/**
 * Changes of pickles, an instruction at a time.
 * @module
 */
import type { Random } from "../random.ts";
import { changeBytes, edgeBytes } from "./bytes.ts";
import { edgeNumbers, edgeWords } from "./text.ts";

/** Bytes behind an instruction of fixed length, by its letter or number. */
const fixed = new Map<number, number>([
  ...[..."(.012NQRabdelostu})]"].map((c) => [c.charCodeAt(0), 0] as const),
  ...[[0x47, 8], [0x4a, 4], [0x4b, 1], [0x4d, 2], [0x68, 1], [0x6a, 4], [0x71, 1], [0x72, 4]],
  ...[[0x80, 1], [0x82, 1], [0x83, 2], [0x84, 4], [0x95, 8]],
  ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98]
    .map((code) => [code, 0] as const),
] as [number, number][]);
/** Bytes of the count before the content. */
const counted = new Map([
  ...[[0x54, 4], [0x55, 1], [0x58, 4], [0x8a, 1], [0x8b, 4], [0x8c, 1], [0x8d, 8], [0x8e, 8]],
  ...[[0x42, 4], [0x43, 1], [0x96, 8]],
] as [number, number][]);
/** Lines behind those whose content ends with one. */
const lines = new Map([..."FILMPSVgp"].map((c) => [c.charCodeAt(0), 1]));
for (const letter of "ci") lines.set(letter.charCodeAt(0), 2);

/** Whether a file begins as pickles do. */
export function looksLikePickle(bytes: Uint8Array): boolean {
  return (bytes[0] === 0x80 && bytes[1] <= 5) ||
    [..."(]}c"].includes(String.fromCharCode(bytes[0]));
}

/** Instructions, until one is not known; the rest comes last. */
function instructions(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length && out.length < 100_000;) {
    const code = bytes[at];
    let end = at + 1;
    const [behind, count] = [fixed.get(code), counted.get(code)];
    if (behind !== undefined) end += behind;
    else if (count !== undefined && end + count <= bytes.length) {
      const size = count === 1
        ? bytes[end]
        : count === 4
        ? view.getUint32(end, true)
        : Number(view.getBigUint64(end, true));
      end += count + size;
    } else if (lines.has(code)) {
      for (let k = lines.get(code)!; k > 0; k--) end = bytes.indexOf(10, end) + 1 || bytes.length;
    } else end = bytes.length;
    out.push(bytes.subarray(at, Math.min(end, bytes.length)));
    at = end;
  }
  return out;
}

const encode = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0) & 255);

/** What a hostile pickle would have in it. */
const planted = [
  ..."NRobuseatdlq0.1}])(2Q".split(""),
  ...["cposix\nsystem\n", "cbuiltins\neval\n", "cos\nsystem\n", "c__main__\nA\n", "(dp0\ng0\n"],
  ...["cnumpy\nndarray\n", "cnumpy.core.multiarray\n_reconstruct\n", "ctorch\nfloat32\n"],
  ...["ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n", "h\x00", "h\xff"],
  ...[
    "ccopy_reg\n_reconstructor\n",
    "c__builtin__\nobject\n",
    "\x81",
    "\x85",
    "\x93",
    "\x94",
    "\x8f",
  ],
  ...[
    "(lp1\n",
    "I01\n",
    "L99999999999999999999999999L\n",
    "Fnan\n",
    "\x8a\xff",
    "\x4a\xff\xff\xff\xff",
  ],
].map(encode);

/** Bytes that repetition makes at most. */
const MOST = 2 ** 20;

/** One change of a pickle. */
export function changePickle(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  if (random.chance(0.2)) return changeBytes(random, bytes, other);
  const list = instructions(bytes);
  if (list.length === 0) return bytes;
  const at = random.below(list.length);
  switch (random.below(8)) {
    case 0:
      list.splice(at, 1 + random.below(4));
      break;
    case 1:
      list.splice(at, 0, random.pick(list));
      break;
    case 2:
      list[at] = random.pick(list);
      break;
    case 3:
      list.splice(at, random.below(2), random.pick(planted));
      break;
    case 4: {
      const piece = list.slice(at, at + 1 + random.below(12));
      const size = piece.reduce((sum, { length }) => sum + length, 0);
      const times = Math.min(random.pick([2, 20, 2000]), Math.ceil(MOST / Math.max(1, size)));
      list.splice(at, 0, ...Array.from({ length: times }, () => piece).flat());
      break;
    }
    case 5: // Other operands.
      list[at] = changeBytes(random, list[at], other);
      break;
    case 6: {
      const number = random.pick(edgeNumbers);
      const word = encode(random.pick(edgeWords).replaceAll("\n", ""));
      list[at] = random.chance(0.6) ? encode(`F${number}\n`) : encode(`S'${word}'\n`);
      break;
    }
    default:
      list.splice(at, 1, encode("\x4a"), edgeBytes(random));
  }
  return new Uint8Array(list.flatMap((each) => [...each]).slice(0, 4 << 20));
}
