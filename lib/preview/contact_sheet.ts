/**
 * Clips in one picture: the reference, then labelled rows of frames one above the other.
 * @module
 */
import { encodePng, frameAt, type Frames, renderSvgFrame } from "../io/mod.ts";
import { embedded } from "./svg.ts";
import { lettering, textWidth, wrapText } from "./lettering.ts";

/** What a sheet shows; all pictures have one size. */
export interface SheetContent {
  /** Shown left of the rows. */
  readonly reference: Frames;
  /** Clips of equal length, from top to bottom. */
  readonly rows: readonly { readonly label: string; readonly clip: Frames }[];
}

/** Frames of each row, evenly spread. */
const COLUMNS = 6;
const GAP = 4;
/** Height of a label's line and of its capitals. */
const LABEL = 24, LETTERS = 11;
/** Of the numbers of frames. */
const SMALL = 9;
const INK = "#222", SOFT = "#777";
/** Small pictures are enlarged to this, so that one sees what they show. */
const LEAST_SIDE = 256;

/** Lays the sheet out on white. */
export async function contactSheet({ reference, rows }: SheetContent): Promise<Frames> {
  const zoom = Math.max(1, LEAST_SIDE / Math.min(reference.width, reference.height));
  const cell = { width: reference.width * zoom, height: reference.height * zoom };
  const columns = Math.min(COLUMNS, rows[0].clip.count);
  const [across, down] = [cell.width + GAP, cell.height + LABEL];
  const width = Math.round((columns + 1) * across + 2 * GAP);
  const height = Math.round(rows.length * down + GAP);
  const picture = async (clip: Frames, frame: number, x: number, y: number) =>
    embedded(await encodePng(stillOf(clip, frame)), { x, y, ...cell });
  const middle = (height - down) / 2;
  const drawn = [
    lettering("reference", { x: GAP, y: baseline(middle), size: LETTERS, colour: INK }),
    await picture(reference, 0, GAP, middle + LABEL),
  ];
  for (const [row, { label: text, clip }] of rows.entries()) {
    const top = row * down;
    for (let column = 0; column < columns; column++) {
      const x = (column + 1) * across + 2 * GAP;
      const frame = Math.round(column * (clip.count - 1) / Math.max(1, columns - 1));
      drawn.push(await picture(clip, frame, x, top + LABEL));
      const end = x + cell.width - GAP;
      const name = column === 0 ? `frame ${frame}` : String(frame);
      const right = { x: end, anchor: "end", size: SMALL, colour: SOFT } as const;
      drawn.push(lettering(name, { ...right, y: baseline(top) }));
      if (column > 0) continue;
      const room = cell.width * columns;
      const [line] = wrapText(text, LETTERS, room, 1);
      // A long label goes on over the numbers' place: it is drawn on white.
      const wide = textWidth(line, LETTERS) + 2 * GAP;
      drawn.push(
        wide > cell.width - textWidth(name, SMALL) - 2 * GAP
          ? `<rect x="${x}" y="${top}" width="${wide}" height="${LABEL}" fill="#fff"/>`
          : "",
        lettering(line, { x, y: baseline(top), size: LETTERS, colour: INK }),
      );
    }
  }
  return await onWhite({ width, height }, drawn);
}

function baseline(top: number): number {
  return top + (LABEL + LETTERS) / 2;
}

async function onWhite(
  { width, height }: { readonly width: number; readonly height: number },
  drawn: readonly string[],
): Promise<Frames> {
  return await renderSvgFrame(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="#fff"/>${drawn.join("")}</svg>`,
  );
}

/** What stands around the cells of a sheet. */
export interface SheetLabels {
  /** One a column; an empty one belongs to the column before. */
  readonly columns: readonly string[];
  /** One a row. */
  readonly rows: readonly string[];
}

/** Least side of a labelled cell, pixels, so that its label has room. */
const LEAST_CELL = 128;

/** A sheet of equal cells, edge to edge, with its columns named above and its rows at the left. */
export async function labelSheet(sheet: Frames, { columns, rows }: SheetLabels): Promise<Frames> {
  const own = { width: sheet.width / columns.length, height: sheet.height / rows.length };
  const zoom = Math.max(1, Math.ceil(LEAST_CELL / Math.min(own.width, own.height)));
  const cell = { width: own.width * zoom, height: own.height * zoom };
  const left = Math.ceil(Math.max(...rows.map((text) => textWidth(text, LETTERS)))) + 3 * GAP;
  const heads = columns.flatMap((text, at) => {
    if (text === "") return [];
    const next = columns.findIndex((other, i) => i > at && other !== "");
    const room = ((next < 0 ? columns.length : next) - at) * cell.width - GAP;
    return [{ x: left + at * cell.width, lines: wrapText(text, LETTERS, room, 3) }];
  });
  const top = LABEL * Math.max(1, ...heads.map(({ lines }) => lines.length));
  const size = {
    width: left + cell.width * columns.length,
    height: top + cell.height * rows.length,
  };
  const place = { x: left, y: top, width: cell.width * columns.length, height: size.height - top };
  const write = (text: string, x: number, y: number, anchor: "start" | "end") =>
    lettering(text, { x, y, anchor, size: LETTERS, colour: INK });
  return await onWhite(size, [
    embedded(await encodePng(sheet), place),
    ...heads.flatMap(({ x, lines }) =>
      lines.map((line, i) =>
        write(line, x + GAP, baseline(top - (lines.length - i) * LABEL), "start")
      )
    ),
    ...rows.map((text, row) =>
      write(text, left - 2 * GAP, top + (row + 0.5) * cell.height + LETTERS / 2, "end")
    ),
  ]);
}

function stillOf(clip: Frames, frame: number): Frames {
  return { ...clip, count: 1, data: frameAt(clip, frame) };
}

/** Rows of pictures of one size, edge to edge, not enlarged. */
export function stackSheet(
  rows: readonly (readonly Uint8Array[])[],
  { width, height }: { readonly width: number; readonly height: number },
): Frames {
  const columns = rows[0].length;
  const data = new Uint8Array(columns * width * rows.length * height * 3);
  for (const [row, pictures] of rows.entries()) {
    for (const [column, picture] of pictures.entries()) {
      for (let v = 0; v < height; v++) {
        const at = ((row * height + v) * columns + column) * width * 3;
        data.set(picture.subarray(v * width * 3, (v + 1) * width * 3), at);
      }
    }
  }
  return { width: columns * width, height: rows.length * height, count: 1, fps: 1, data };
}

/** Pictures one below the other on white, aligned to the left. */
export function stackPictures(pictures: readonly Frames[]): Frames {
  const width = Math.max(...pictures.map((picture) => picture.width));
  const height = pictures.reduce((sum, picture) => sum + picture.height, 0);
  const data = new Uint8Array(width * height * 3).fill(255);
  let at = 0;
  for (const picture of pictures) {
    const row = picture.width * 3;
    for (let v = 0; v < picture.height; v++, at += width * 3) {
      data.set(picture.data.subarray(v * row, (v + 1) * row), at);
    }
  }
  return { width, height, count: 1, fps: 1, data };
}
