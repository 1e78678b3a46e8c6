/**
 * Changes of a file's bytes that know nothing of its format.
 * @module
 */
import type { Random } from "../random.ts";

/** Numbers that formats count with, at their edges. */
const EDGES = [
  ...[0, 1, -1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000],
  ...[0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 2 ** 32, 2 ** 40, 2 ** 52, 2 ** 53, 2 ** 63],
] as const;

/** An edge in 1, 2, 4 or 8 bytes of either order. */
export function edgeBytes(random: Random): Uint8Array {
  const size = random.pick([1, 2, 4, 4, 8, 8]);
  const bytes = new Uint8Array(8);
  const value = BigInt(random.pick(EDGES)) + BigInt(random.below(3) - 1);
  const little = random.chance(0.5);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), little);
  return little ? bytes.subarray(0, size) : bytes.subarray(8 - size);
}

/** `bytes` with `length` of them from `at` on replaced by `piece`. */
export function splice(
  bytes: Uint8Array,
  { at, length, piece }: {
    readonly at: number;
    readonly length: number;
    readonly piece: Uint8Array;
  },
): Uint8Array {
  const end = Math.min(at + length, bytes.length);
  const out = new Uint8Array(at + piece.length + bytes.length - end);
  out.set(bytes.subarray(0, at));
  out.set(piece, at);
  out.set(bytes.subarray(end), at + piece.length);
  return out;
}

const noise = (random: Random, length: number) =>
  Uint8Array.from({ length }, () => random.below(256));

/** One change; `other` is a file of the same kind, to take pieces from. */
export function changeBytes(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const n = bytes.length;
  if (n === 0) return noise(random, random.below(64));
  const at = random.place(n);
  const none = new Uint8Array(0);
  switch (random.below(9)) {
    case 0: {
      const out = bytes.slice();
      for (let k = 1 + random.below(8); k > 0; k--) {
        out[random.place(n)] ^= 1 << random.below(8);
      }
      return out;
    }
    case 1:
      return bytes.slice(0, at);
    case 2: {
      const piece = edgeBytes(random);
      return splice(bytes, { at, length: piece.length, piece });
    }
    case 3: // At a place where a format may have a number of four or eight bytes.
    {
      const piece = edgeBytes(random);
      return splice(bytes, { at: at & ~7, length: piece.length, piece });
    }
    case 4: { // A piece of its own elsewhere.
      const from = random.place(n);
      const piece = bytes.subarray(from, from + 1 + random.below(64));
      return splice(bytes, { at, length: random.chance(0.5) ? piece.length : 0, piece });
    }
    case 5:
      return splice(bytes, { at, length: 1 + random.below(64), piece: none });
    case 6:
      return splice(bytes, { at, length: 0, piece: noise(random, 1 + random.below(32)) });
    case 7: // This one's begin, that one's end.
      return splice(bytes, {
        at,
        length: n,
        piece: other.subarray(Math.min(other.length, at + random.below(9) - 4 > 0 ? at : 0)),
      });
    default: { // One byte over and over.
      const piece = new Uint8Array(1 + random.below(400)).fill(
        random.pick([0, 0x20, 0x28, 0x5b, 0xff]),
      );
      return splice(bytes, { at, length: random.chance(0.5) ? piece.length : 0, piece });
    }
  }
}
