/**
 * The contact sheet of a preview: reference, frames, map and findings in one picture.
 * @module
 */
import { encodePng, type Frames, renderSvgFrame } from "../io/mod.ts";
import { lettering, textWidth, wrapText } from "./lettering.ts";
import type { Size } from "./pictures.ts";
import { embedded, ink, number, timeColour, warningSign } from "./svg.ts";
import type { PreviewWarning } from "./warnings.ts";

/** One reference picture, and the body in it. */
export interface ReferencePanel {
  readonly label: string;
  readonly picture: Uint8Array;
  /** With the body laid over; absent where no pose is known. */
  readonly overlay?: Uint8Array;
  readonly overlayLabel: string;
}

/** What the sheet shows. Pictures are rgb24 of `size`. */
export interface SheetContent {
  readonly title: string;
  readonly lines: readonly string[];
  readonly size: Size;
  /** Frames of the whole video. */
  readonly count: number;
  readonly fps: number;
  readonly references: readonly ReferencePanel[];
  readonly frames: readonly { readonly frame: number; readonly picture: Uint8Array }[];
  /** What is known of some of the frames before a model works, in a row below; may be none. */
  readonly priors: readonly { readonly frame: number; readonly picture: Uint8Array }[];
  /** Draws the map, `size` pixels a side. */
  readonly map: (size: number) => string;
  readonly warnings: readonly PreviewWarning[];
  readonly notices: readonly string[];
}

const PAD = 30;
const GAP = 14;
const CAPTION = 26;
const HEADER = 92;
/** Area of one picture in the sheet, square pixels. */
const CELL_AREA = 300 * 300;

/** Draws the sheet. */
export async function drawSheet(content: SheetContent): Promise<Frames> {
  const { size, references, frames, priors } = content;
  const aspect = size.width / size.height;
  const cell = {
    width: Math.round(Math.sqrt(CELL_AREA * aspect)),
    height: Math.round(Math.sqrt(CELL_AREA / aspect)),
  };
  const columns = Math.ceil(frames.length / 2);
  const step = { x: cell.width + GAP, y: cell.height + CAPTION + GAP };
  const mapSize = 2 * cell.height + CAPTION + GAP;
  const framesX = PAD + references.length * step.x + GAP;
  const mapX = framesX + columns * step.x + GAP;
  const width = mapX + mapSize + PAD;
  const parts: string[] = [header(content)];
  for (const [column, reference] of references.entries()) {
    parts.push(await referencePanel(reference, { x: PAD + column * step.x, step, cell, size }));
  }
  for (const [i, { frame, picture }] of frames.entries()) {
    const place = {
      x: framesX + (i % columns) * step.x,
      y: HEADER + Math.floor(i / columns) * step.y,
    };
    parts.push(await framePanel(content, { frame, picture, place, cell }));
  }
  for (const [i, { frame, picture }] of priors.entries()) {
    const place = { x: framesX + i * step.x, y: HEADER + 2 * step.y };
    parts.push(await priorPanel({ frame, picture, place, cell, size }));
  }
  parts.push(mapPanel(content.map(mapSize), { x: mapX, size: mapSize }));
  const findings = drawFindings(content, {
    y: HEADER + (priors.length > 0 ? 3 : 2) * step.y + 6,
    width: width - 2 * PAD,
  });
  const height = findings.bottom + PAD;
  return await renderSvgFrame(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="${ink.paper}"/>${
        parts.join("")
      }${findings.svg}</svg>`,
  );
}

function header({ title, lines }: SheetContent): string {
  return lettering(title, { x: PAD, y: 47, size: 19, colour: ink.text, weight: 1 }) +
    lines.map((line, i) =>
      lettering(line, {
        x: PAD + textWidth(title, 19) + 34,
        y: 38 + i * 21,
        size: 10,
        colour: i === 0 ? ink.text : ink.soft,
      })
    ).join("");
}

async function referencePanel(
  { label, picture, overlay, overlayLabel }: ReferencePanel,
  { x, step, cell, size }: {
    readonly x: number;
    readonly step: { readonly y: number };
    readonly cell: Size;
    readonly size: Size;
  },
): Promise<string> {
  const second = HEADER + step.y;
  const below = overlay
    ? await pictureAt(overlay, { size, x, y: second, cell })
    : `<rect x="${x}" y="${second}" width="${cell.width}" height="${cell.height}" fill="#ecebe6"/>` +
      lettering("no pose given", {
        x: x + cell.width / 2,
        y: second + cell.height / 2,
        size: 11,
        colour: ink.soft,
        anchor: "middle",
      });
  return await pictureAt(picture, { size, x, y: HEADER, cell }) + below +
    caption(label, { x, y: HEADER + cell.height, width: cell.width }) +
    caption(overlayLabel, { x, y: second + cell.height, width: cell.width });
}

function caption(
  text: string,
  { x, y, width, colour = ink.soft }: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly colour?: string;
  },
): string {
  let size = 10;
  while (size > 7 && textWidth(text, size) > width) size -= 0.5;
  return lettering(text, { x, y: y + 18, size, colour });
}

async function pictureAt(
  data: Uint8Array,
  { size, x, y, cell, stroke = ink.line, thick = 1 }: {
    readonly size: Size;
    readonly x: number;
    readonly y: number;
    readonly cell: Size;
    readonly stroke?: string;
    readonly thick?: number;
  },
): Promise<string> {
  const png = await encodePng({ ...size, count: 1, fps: 1, data });
  return embedded(png, { x, y, ...cell }) +
    `<rect x="${x - thick / 2}" y="${y - thick / 2}" width="${cell.width + thick}" height="${
      cell.height + thick
    }" fill="none" stroke="${stroke}" stroke-width="${thick}"/>`;
}

async function framePanel(
  { size, warnings, count, fps }: SheetContent,
  { frame, picture, place: { x, y }, cell }: {
    readonly frame: number;
    readonly picture: Uint8Array;
    readonly place: { readonly x: number; readonly y: number };
    readonly cell: Size;
  },
): Promise<string> {
  const bad = warnings.some(({ frames }) => frames?.some(([a, b]) => frame >= a && frame <= b));
  const border = bad ? { stroke: ink.warning, thick: 4 } : {};
  const base = y + cell.height + 18;
  const dot = `<circle cx="${x + 5}" cy="${base - 5}" r="5" fill="${
    timeColour(frame, count - 1)
  }"/>`;
  const text = `frame ${frame}`;
  return await pictureAt(picture, { size, x, y, cell, ...border }) + dot +
    lettering(text, { x: x + 17, y: base, size: 10, colour: ink.text }) +
    lettering(`${(frame / fps).toFixed(2)} s`, {
      x: x + cell.width,
      y: base,
      size: 10,
      colour: ink.soft,
      anchor: "end",
    }) +
    (bad ? warningSign({ x: x + cell.width - 32, y: y + 9, size: 22 }) : "");
}

async function priorPanel({ frame, picture, place: { x, y }, cell, size }: {
  readonly frame: number;
  readonly picture: Uint8Array;
  readonly place: { readonly x: number; readonly y: number };
  readonly cell: Size;
  readonly size: Size;
}): Promise<string> {
  return await pictureAt(picture, { size, x, y, cell }) +
    caption(`prior of frame ${frame}`, { x, y: y + cell.height, width: cell.width });
}

function mapPanel(svg: string, { x, size }: { readonly x: number; readonly size: number }): string {
  return `<svg x="${x}" y="${HEADER}" width="${size}" height="${size}">${svg}</svg>` +
    `<rect x="${x - 0.5}" y="${HEADER - 0.5}" width="${size + 1}" height="${
      size + 1
    }" fill="none" stroke="${ink.line}"/>` +
    caption("from above: persons and cameras over time", { x, y: HEADER + size, width: size });
}

const TEXT = 11;
const LINE = 20;

/** One row a finding; where in the video it lies on the right. */
function drawFindings(
  { warnings, notices, count }: SheetContent,
  { y: top, width }: { readonly y: number; readonly width: number },
): { svg: string; bottom: number } {
  let y = top;
  const parts: string[] = [];
  const strip = { x: PAD + width * 0.72, width: width * 0.28 };
  for (const { message, frames } of warnings) {
    const room = (frames ? strip.x - PAD : width) - 70;
    const lines = wrapText(message, TEXT, room, 3);
    const height = lines.length * LINE + 14;
    parts.push(
      `<rect x="${PAD}" y="${y}" width="${width}" height="${height}" rx="6" fill="${ink.warningPaper}"/>`,
      warningSign({ x: PAD + 13, y: y + 8, size: 17 }),
      ...lines.map((line, i) =>
        lettering(line, { x: PAD + 44, y: y + 21 + i * LINE, size: TEXT, colour: ink.text })
      ),
    );
    if (frames) parts.push(timeStrip(frames, { ...strip, y: y + height / 2, count }));
    y += height + 8;
  }
  if (warnings.length === 0) {
    parts.push(
      goodSign(y),
      lettering("nothing to warn about", {
        x: PAD + 30,
        y: y + 17,
        size: TEXT,
        colour: ink.good,
        weight: 1,
      }),
    );
    y += 32;
  }
  for (const notice of notices) {
    for (const line of wrapText(`note: ${notice}`, 10, width, 3)) {
      parts.push(lettering(line, { x: PAD, y: y + 16, size: 10, colour: ink.soft }));
      y += 19;
    }
  }
  return { svg: parts.join(""), bottom: Math.ceil(y) };
}

function goodSign(y: number): string {
  return `<circle cx="${PAD + 10}" cy="${y + 11}" r="10" fill="${ink.good}"/>` +
    `<path d="M${PAD + 5.5} ${
      y + 11.5
    }l3.2 3.2l6 -6.6" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** The video from first to last frame, with stretches marked. */
function timeStrip(
  frames: NonNullable<PreviewWarning["frames"]>,
  { x, y, width, count }: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly count: number;
  },
): string {
  const last = `${count - 1}`;
  const [from, to] = [x + 18, x + width - 26 - textWidth(last, 9)];
  const at = (frame: number) => from + (to - from) * frame / count;
  const bars = frames.map(([a, b]) =>
    `<rect x="${number(at(a))}" y="${number(y - 5)}" width="${
      number(Math.max(3, at(b + 1) - at(a)))
    }" height="10" rx="2" fill="${ink.warning}"/>`
  );
  return `<rect x="${number(from)}" y="${number(y - 5)}" width="${
    number(to - from)
  }" height="10" rx="2" fill="#fff"/>${bars.join("")}` +
    lettering("0", { x: from - 8, y: y + 4.5, size: 9, colour: ink.soft, anchor: "end" }) +
    lettering(last, { x: to + 8, y: y + 4.5, size: 9, colour: ink.soft });
}
