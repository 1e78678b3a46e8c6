/**
 * Text of pickles: Python's literals, and Python 2's byte strings as latin-1.
 * @module
 */
import { Buffer } from "node:buffer";

/** Bytes as characters 0 … 255. (`TextDecoder("latin1")` would be Windows-1252.) */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Characters 0 … 255 as bytes; undefined where the text has others. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  return /[^\0-\xff]/.test(text) ? undefined : new Uint8Array(Buffer.from(text, "latin1"));
}

/** An integer as a number where that is exact. */
export function toSafe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A decimal integer; undefined for anything else or one of more than 600 digits. */
export function parseInteger(text: string): number | bigint | undefined {
  return /^[+-]?\d{1,600}$/.test(text) ? toSafe(BigInt(text.replace(/^\+/, ""))) : undefined;
}

/** A Python float literal; undefined for anything else. */
export function parseFloatLiteral(text: string): number | undefined {
  const word = /^([+-]?)(inf|nan)$/.exec(text);
  if (word) return word[2] === "nan" ? NaN : word[1] === "-" ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

const escapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
};

/** A quoted Python 2 string with its escapes, as latin-1; undefined where it is none. */
export function parseQuoted(line: Uint8Array): string | undefined {
  const quote = line[0];
  const end = line.length - 1;
  if (end < 1 || (quote !== 39 && quote !== 34) || line[end] !== quote) return undefined;
  const out = new Uint8Array(end);
  let length = 0;
  for (let i = 1; i < end; i++) {
    if (line[i] !== 92) {
      out[length++] = line[i];
      continue;
    }
    const found = parseEscape(line, i + 1, end);
    if (found === undefined) return undefined;
    out[length++] = found.value;
    i += found.length;
  }
  return latin1(out.subarray(0, length));
}

/** What follows a backslash: `\n`, `\x41`, `\101`. */
function parseEscape(
  line: Uint8Array,
  at: number,
  end: number,
): { value: number; length: number } | undefined {
  if (at >= end) return undefined;
  const letter = String.fromCharCode(line[at]);
  if (letter in escapes) return { value: escapes[letter], length: 1 };
  const rest = latin1(line.subarray(at, Math.min(at + 3, end)));
  const hex = /^x([0-9a-f]{2})/i.exec(rest);
  if (hex) return { value: parseInt(hex[1], 16), length: 3 };
  const octal = /^[0-7]{1,3}/.exec(rest);
  return octal ? { value: parseInt(octal[0], 8) & 255, length: octal[0].length } : undefined;
}

/** Python's raw-unicode-escape: latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function parseRawUnicode(line: Uint8Array): string {
  const escape = /\\u([0-9a-fA-F]{4})|\\U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})/g;
  return latin1(line).replace(
    escape,
    (_, short, long) => String.fromCodePoint(parseInt(short ?? long, 16)),
  );
}
