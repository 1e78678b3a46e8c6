/**
 * Letters as strokes. Pictures look the same on every machine, with fonts or without.
 * @module
 */

/** Width and strokes of each letter; capitals are 7 high, y points down, the baseline is at 7. */
// deno-fmt-ignore
const glyphs: Readonly<Record<string, readonly [width: number, strokes: string]>> = {
  A: [5, "M0 7L2.5 0L5 7M.9 4.6H4.1"],
  B: [4.4, "M0 0V7H2.5A1.85 1.85 0 0 0 2.5 3.3H0M2.5 3.3A1.65 1.65 0 0 0 2.5 0H0"],
  C: [4.7, "M4.7 1.4C4.2 .5 3.5 0 2.6 0C1 0 0 1.5 0 3.5S1 7 2.6 7C3.5 7 4.2 6.5 4.7 5.6"],
  D: [4.8, "M0 0V7H1.8C3.8 7 4.8 5.6 4.8 3.5S3.8 0 1.8 0H0"],
  E: [4, "M4 0H0V7H4M0 3.4H3.4"],
  F: [4, "M4 0H0V7M0 3.5H3.3"],
  G: [4.9, "M4.8 1.4C4.3 .5 3.5 0 2.6 0C1 0 0 1.5 0 3.5S1 7 2.7 7C4 7 4.9 6.2 4.9 5V3.8H2.9"],
  H: [4.8, "M0 0V7M4.8 0V7M0 3.4H4.8"],
  I: [0, "M0 0V7"],
  J: [3, "M3 0V5C3 6.3 2.4 7 1.4 7C.7 7 .2 6.6 0 6"],
  K: [4.7, "M0 0V7M4.5 0L0 4.3M1.7 2.7L4.7 7"],
  L: [3.8, "M0 0V7H3.8"],
  M: [5.8, "M0 7V0L2.9 4.6L5.8 0V7"],
  N: [4.9, "M0 7V0L4.9 7V0"],
  O: [5.4, "M2.7 0C1 0 0 1.4 0 3.5S1 7 2.7 7S5.4 5.6 5.4 3.5S4.4 0 2.7 0Z"],
  P: [4.4, "M0 7V0H2.4C3.7 0 4.4 .8 4.4 1.95S3.7 3.9 2.4 3.9H0"],
  Q: [5.5, "M2.7 0C1 0 0 1.4 0 3.5S1 7 2.7 7S5.4 5.6 5.4 3.5S4.4 0 2.7 0ZM3.4 5.3L5.5 7.6"],
  R: [4.6, "M0 7V0H2.4C3.7 0 4.4 .8 4.4 1.95S3.7 3.9 2.4 3.9H0M2.3 3.9L4.6 7"],
  S: [4.4, "M4.2 1.2C3.8 .4 3.1 0 2.2 0C1 0 .2 .7 .2 1.7C.2 4.2 4.4 2.7 4.4 5.2C4.4 6.3 3.5 7 2.2 7C1.1 7 .3 6.5 0 5.6"],
  T: [5, "M0 0H5M2.5 0V7"],
  U: [4.8, "M0 0V4.6C0 6.2 .9 7 2.4 7S4.8 6.2 4.8 4.6V0"],
  V: [5, "M0 0L2.5 7L5 0"],
  W: [7, "M0 0L1.75 7L3.5 1.2L5.25 7L7 0"],
  X: [4.8, "M0 0L4.8 7M4.8 0L0 7"],
  Y: [4.8, "M0 0L2.4 3.5L4.8 0M2.4 3.5V7"],
  Z: [4.6, "M0 0H4.6L0 7H4.6"],
  a: [3.8, "M3.8 2.3V7M3.8 4.65C3.8 3.2 3 2.3 1.9 2.3S0 3.2 0 4.65S.8 7 1.9 7S3.8 6.1 3.8 4.65"],
  b: [3.8, "M0 0V7M0 4.65C0 3.2 .8 2.3 1.9 2.3S3.8 3.2 3.8 4.65S3 7 1.9 7S0 6.1 0 4.65"],
  c: [3.4, "M3.4 3.2C3.1 2.6 2.6 2.3 1.9 2.3C.8 2.3 0 3.2 0 4.65S.8 7 1.9 7C2.6 7 3.1 6.7 3.4 6.1"],
  d: [3.8, "M3.8 0V7M3.8 4.65C3.8 3.2 3 2.3 1.9 2.3S0 3.2 0 4.65S.8 7 1.9 7S3.8 6.1 3.8 4.65"],
  e: [3.8, "M0 4.6H3.8C3.8 3.2 3.1 2.3 1.9 2.3S0 3.2 0 4.65S.8 7 2 7C2.7 7 3.2 6.7 3.6 6.2"],
  f: [2.3, "M2.5 .1C1.5 -.2 .9 .4 .9 1.6V7M0 2.5H2.3"],
  g: [3.8, "M3.8 2.3V7C3.8 8.4 3 9 1.9 9C1.1 9 .6 8.7 .2 8.2M3.8 4.65C3.8 3.2 3 2.3 1.9 2.3S0 3.2 0 4.65S.8 7 1.9 7S3.8 6.1 3.8 4.65"],
  h: [3.6, "M0 0V7M0 4.2C0 3 .8 2.3 1.9 2.3S3.6 3 3.6 4.2V7"],
  i: [0, "M0 2.3V7M0 .4V.5"],
  j: [1, "M1 2.3V7.6C1 8.6 .5 9 -.3 9M1 .4V.5"],
  k: [3.4, "M0 0V7M3.2 2.3L0 5.2M1.2 4.1L3.4 7"],
  l: [0, "M0 0V7"],
  m: [6, "M0 2.3V7M0 4C0 2.9 .6 2.3 1.5 2.3S3 2.9 3 4V7M3 4C3 2.9 3.6 2.3 4.5 2.3S6 2.9 6 4V7"],
  n: [3.6, "M0 2.3V7M0 4.2C0 3 .8 2.3 1.9 2.3S3.6 3 3.6 4.2V7"],
  o: [3.9, "M1.95 2.3C.8 2.3 0 3.2 0 4.65S.8 7 1.95 7S3.9 6.1 3.9 4.65S3.1 2.3 1.95 2.3Z"],
  p: [3.8, "M0 2.3V9M0 4.65C0 3.2 .8 2.3 1.9 2.3S3.8 3.2 3.8 4.65S3 7 1.9 7S0 6.1 0 4.65"],
  q: [3.8, "M3.8 2.3V9M3.8 4.65C3.8 3.2 3 2.3 1.9 2.3S0 3.2 0 4.65S.8 7 1.9 7S3.8 6.1 3.8 4.65"],
  r: [2.2, "M0 2.3V7M0 4.2C0 3 .8 2.3 2.2 2.4"],
  s: [3.2, "M3 3.1C2.7 2.6 2.2 2.3 1.5 2.3C.7 2.3 .1 2.8 .1 3.5C.1 5.1 3.2 4.2 3.2 5.7C3.2 6.5 2.5 7 1.6 7C.8 7 .3 6.7 0 6.1"],
  t: [2.4, "M.9 .8V5.6C.9 6.6 1.3 7 2.4 6.9M0 2.4H2.3"],
  u: [3.6, "M0 2.3V5.2C0 6.3 .7 7 1.8 7S3.6 6.3 3.6 5.2M3.6 2.3V7"],
  v: [3.8, "M0 2.3L1.9 7L3.8 2.3"],
  w: [5.6, "M0 2.3L1.4 7L2.8 2.9L4.2 7L5.6 2.3"],
  x: [3.4, "M0 2.3L3.4 7M3.4 2.3L0 7"],
  y: [3.8, "M0 2.3L1.9 7M3.8 2.3L1.9 7L1.2 8.6C1 9 .7 9.1 .2 9"],
  z: [3.2, "M0 2.3H3.2L0 7H3.2"],
  0: [4.2, "M2.1 0C.8 0 0 1.3 0 3.5S.8 7 2.1 7S4.2 5.7 4.2 3.5S3.4 0 2.1 0Z"],
  1: [4.2, "M.9 1.4L2.5 0V7"],
  2: [4.2, "M.1 1.6C.3 .6 1.1 0 2.1 0C3.3 0 4.1 .8 4.1 1.9C4.1 3.4 2 4.5 0 7H4.2"],
  3: [4.2, "M.2 1.1C.6 .4 1.2 0 2.1 0C3.2 0 4 .7 4 1.75S3.2 3.4 2 3.4C3.4 3.4 4.2 4.1 4.2 5.2S3.4 7 2.1 7C1.1 7 .4 6.6 0 5.8"],
  4: [4.2, "M3.2 7V0L0 4.9H4.2"],
  5: [4.2, "M3.9 0H.8L.4 3.1C.8 2.7 1.4 2.4 2.1 2.4C3.4 2.4 4.2 3.3 4.2 4.7S3.4 7 2.1 7C1.1 7 .4 6.6 0 5.8"],
  6: [4.2, "M3.8 .9C3.4 .3 2.9 0 2.2 0C.8 0 0 1.5 0 4.2V4.75C0 6.1 .8 7 2.1 7S4.2 6.1 4.2 4.75S3.4 2.5 2.1 2.5S0 3.3 0 4.6"],
  7: [4.2, "M0 0H4.2L1.5 7"],
  8: [4.2, "M2.1 3.3C1 3.3 .3 2.6 .3 1.65S1 0 2.1 0S3.9 .7 3.9 1.65S3.2 3.3 2.1 3.3C.8 3.3 0 4.1 0 5.15S.8 7 2.1 7S4.2 6.2 4.2 5.15S3.4 3.3 2.1 3.3Z"],
  9: [4.2, "M.4 6.1C.8 6.7 1.3 7 2 7C3.4 7 4.2 5.5 4.2 2.8V2.25C4.2 .9 3.4 0 2.1 0S0 .9 0 2.25S.8 4.5 2.1 4.5S4.2 3.7 4.2 2.4"],
  " ": [1.6, ""],
  ".": [0, "M0 6.9V7"],
  ",": [.3, "M.3 6.8L-.2 8.2"],
  ":": [0, "M0 3V3.1M0 6.9V7"],
  ";": [.3, "M.3 3V3.1M.3 6.8L-.2 8.2"],
  "!": [0, "M0 0V4.8M0 6.9V7"],
  "?": [3.7, "M0 1.5C.2 .6 .9 0 1.9 0C3 0 3.7 .7 3.7 1.7C3.7 3.1 1.9 3.3 1.9 4.9M1.9 6.9V7"],
  "'": [0, "M0 0V1.8"],
  '"': [1.4, "M0 0V1.8M1.4 0V1.8"],
  "-": [2.2, "M0 4.2H2.2"],
  "−": [3.6, "M0 4.2H3.6"],
  "–": [3.4, "M0 4.2H3.4"],
  "_": [4, "M0 8H4"],
  "+": [4, "M0 4.2H4M2 2.2V6.2"],
  "=": [4, "M0 3.2H4M0 5.2H4"],
  "<": [3.4, "M3.4 2L0 4.2L3.4 6.4"],
  ">": [3.4, "M0 2L3.4 4.2L0 6.4"],
  "/": [3, "M0 8L3 -.6"],
  "\\": [3, "M0 -.6L3 8"],
  "|": [0, "M0 -.8V8.6"],
  "(": [1.4, "M1.4 -.6C.5 .6 0 2 0 3.6S.5 6.7 1.4 7.9"],
  ")": [1.4, "M0 -.6C.9 .6 1.4 2 1.4 3.6S.9 6.7 0 7.9"],
  "[": [1.4, "M1.4 -.6H0V7.9H1.4"],
  "]": [1.4, "M0 -.6H1.4V7.9H0"],
  "#": [4.6, "M1.4 .6L.7 6.6M3.9 .6L3.2 6.6M0 2.5H4.6M0 4.7H4.6"],
  "*": [3, "M1.5 .6V3.4M.3 1.3L2.7 2.7M2.7 1.3L.3 2.7"],
  "&": [5, "M5 7L1.1 2.3C.5 1.5 .8 0 2.1 0S3.6 1.9 2.4 2.7L1.2 3.5C-.6 4.8 .2 7 2 7C3.6 7 4.4 5.8 4.6 4.2"],
  "%": [5.6, "M4.9 0L.7 7M1.3 0C.5 0 0 .6 0 1.5S.5 3 1.3 3S2.6 2.4 2.6 1.5S2.1 0 1.3 0ZM4.3 4C3.5 4 3 4.6 3 5.5S3.5 7 4.3 7S5.6 6.4 5.6 5.5S5.1 4 4.3 4Z"],
  "×": [3.2, "M0 2.6L3.2 5.8M3.2 2.6L0 5.8"],
  "·": [0, "M0 4.2V4.3"],
  "…": [3.8, "M0 6.9V7M1.9 6.9V7M3.8 6.9V7"],
  "°": [1.8, "M.9 0C.3 0 0 .4 0 .9S.3 1.8 .9 1.8S1.8 1.4 1.8 .9S1.5 0 .9 0Z"],
  "→": [4.6, "M0 4.2H4.6M3 2.6L4.6 4.2L3 5.8"],
};

/** What stands for a letter that is not in the table. */
const unknown = [3.6, "M0 1.5H3.6V7H0Z"] as const;

/** Height of capitals in the table's units, and the space after each letter. */
const CAPITAL = 7;
const GAP = 1.75;

/** How letters are drawn. */
export interface Lettering {
  /** Where the text begins, is centred or ends, by `anchor`. */
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  /** Height of capitals. */
  readonly size: number;
  readonly colour: string;
  /** Default "start". */
  readonly anchor?: "start" | "middle" | "end";
  /** Width of the strokes in sevenths of the capitals' height; default 0.85. */
  readonly weight?: number;
}

/** Width that a text takes. */
export function textWidth(text: string, size: number): number {
  const units = [...text].reduce((sum, letter) => sum + (glyphs[letter] ?? unknown)[0] + GAP, 0);
  return Math.max(0, units - GAP) * size / CAPITAL;
}

/** A text as SVG paths. */
export function lettering(
  text: string,
  { x, y, size, colour, anchor = "start", weight = 0.85 }: Lettering,
): string {
  const scale = size / CAPITAL;
  const back = { start: 0, middle: 0.5, end: 1 }[anchor] * textWidth(text, size);
  let at = 0;
  const paths: string[] = [];
  for (const letter of text) {
    const [width, strokes] = glyphs[letter] ?? unknown;
    if (strokes) paths.push(`<path transform="translate(${at.toFixed(2)} 0)" d="${strokes}"/>`);
    at += width + GAP;
  }
  const place = `translate(${(x - back).toFixed(2)} ${(y - size).toFixed(2)}) scale(${
    scale.toFixed(4)
  })`;
  return `<g transform="${place}" fill="none" stroke="${colour}" stroke-width="${weight}" ` +
    `stroke-linecap="round" stroke-linejoin="round">${paths.join("")}</g>`;
}

/** A text in lines that are no wider than `width`, broken at spaces; at most `most` lines. */
export function wrapText(text: string, size: number, width: number, most: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) === "" ? word : `${lines.at(-1)} ${word}`;
    if (textWidth(longer, size) <= width || lines.at(-1) === "") lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${lines[most - 1]} …`];
}
