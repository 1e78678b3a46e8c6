/**
 * Changes of text: numbers, words and lines of any format made of them.
 * @module
 */
import type { Random } from "../random.ts";

/** Numbers at their edges, as text has them. */
export const edgeNumbers = [
  ...["0", "-0", "1", "-1", "2", "3", "0.5", "1e-320", "1e-30", "1e30", "1e308", "1e999", "-1e999"],
  ...["255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296"],
  ...["1099511627776", "9007199254740991", "9007199254740993", "18446744073709551616", "1e21"],
] as const;

/** Words that lead astray: paths out of the folder, protocols, names that objects have anyway. */
export const edgeWords = [
  ...["", " ", ".", "..", "/", "../../../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/stdin"],
  ...["/proc/self/mem", "file:///etc/passwd", "concat:/etc/passwd|/etc/hosts", "data:,a", "-y"],
  ...["pipe:0", "http://127.0.0.1:9/a", "tcp://127.0.0.1:9", "builtin:walk", "a\u0000b", "\ud800"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "NaN", "Infinity", "null", "\n"],
  ...["%s%n", "%04d.png", "$(touch x)", "a".repeat(5000), "\u202e\u0301", "nan", "<script>"],
] as const;

/** Characters that repetition makes at most. */
const MOST = 2 ** 20;

const token = /[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_]+|\S/g;

/** One change of a text. */
export function changeText(random: Random, text: string): string {
  const tokens = [...text.matchAll(token)];
  if (tokens.length === 0) return random.pick(edgeWords);
  const found = random.pick(tokens);
  const [at, end] = [found.index, found.index + found[0].length];
  const put = (piece: string) => text.slice(0, at) + piece + text.slice(end);
  const lines = text.split("\n");
  const line = random.below(lines.length);
  switch (random.below(9)) {
    case 0:
    case 1:
      return put(random.pick(/\d/.test(found[0]) || random.chance(0.3) ? edgeNumbers : edgeWords));
    case 2:
      return put(random.pick(tokens)[0]);
    case 3:
      return put("");
    case 4:
      return lines.toSpliced(line, 1 + random.below(3)).join("\n");
    case 5:
      return lines.toSpliced(line, 0, random.pick(lines)).join("\n");
    case 6: { // A line, or all from here to there, many times.
      const piece = lines.slice(line, line + 1 + random.below(8));
      const times = timesOf(piece.join("\n"), random.pick([2, 10, 300]));
      return lines.toSpliced(line, 0, ...Array.from({ length: times }, () => piece).flat()).join(
        "\n",
      );
    }
    case 7:
      return text.slice(0, at);
    default:
      return put(found[0].repeat(timesOf(found[0], random.pick([2, 3, 1000]))));
  }
}

/** So many times, but not so often that changes on changes fill the memory. */
function timesOf(piece: string, times: number): number {
  return Math.min(times, Math.ceil(MOST / Math.max(1, piece.length)));
}
