/**
 * Colours and small parts of the preview's drawings.
 * @module
 */
import type { Rgb } from "./shading.ts";

/** The sheet's colours. */
export const ink = {
  paper: "#f6f5f1",
  text: "#23262d",
  soft: "#767c87",
  line: "#dcd9d1",
  grid: "#ebe9e3",
  gridZero: "#cfccc3",
  warning: "#d97706",
  warningPaper: "#fdf1dd",
  good: "#2f8f57",
} as const;

/** Early to late: blue, purple, vermilion; their lightness differs, so that grey prints tell too. */
const TIME: readonly Rgb[] = [[38, 84, 190], [148, 62, 172], [236, 104, 48]];

/** `#rrggbb`. */
export function cssColour(colour: Rgb): string {
  return "#" + colour.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");
}

/** The colour that stands for a frame in the whole sheet. */
export function timeColour(frame: number, last: number): string {
  const t = last === 0 ? 0 : frame / last * (TIME.length - 1);
  const from = Math.min(TIME.length - 2, Math.floor(t));
  const mixed = [0, 1, 2].map((c) =>
    TIME[from][c] + (t - from) * (TIME[from + 1][c] - TIME[from][c])
  );
  return cssColour(mixed as unknown as Rgb);
}

/** A number for an attribute, to a hundredth of a pixel. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A PNG's bytes as an SVG image. */
export function embedded(
  png: Uint8Array,
  { x, y, width, height }: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  },
): string {
  return `<image x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${
    number(height)
  }" preserveAspectRatio="none" href="data:image/png;base64,${png.toBase64()}"/>`;
}

/** A triangle with an exclamation mark, `size` high, its upper left corner at x, y. */
export function warningSign({ x, y, size }: { x: number; y: number; size: number }): string {
  return `<g transform="translate(${number(x)} ${number(y)}) scale(${number(size / 16)})">` +
    `<path d="M8.5 1.2L16.2 14.6H.8Z" fill="${ink.warning}" stroke="${ink.warning}" stroke-width="1.8" stroke-linejoin="round"/>` +
    `<path d="M8.5 5.6V9.8M8.5 12.3V12.4" stroke="#fff" stroke-width="1.8" stroke-linecap="round"/></g>`;
}
