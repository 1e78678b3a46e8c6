/**
 * Clips in one picture: the reference, then labelled rows of frames one above the other.
 * @module
 */
import { encodePng, frameAt, type Frames, renderSvgFrame } from "../io/mod.ts";
import { embedded } from "./svg.ts";
import { lettering } from "./lettering.ts";

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
const LABEL = 20, LETTERS = 10;
/** Small pictures are enlarged to this, so that one sees what they show. */
const LEAST_SIDE = 256;

/** Lays the sheet out on white. */
export async function contactSheet({ reference, rows }: SheetContent): Promise<Frames> {
  const zoom = Math.max(1, LEAST_SIDE / Math.min(reference.width, reference.height));
  const cell = { width: reference.width * zoom, height: reference.height * zoom };
  const columns = Math.min(COLUMNS, rows[0].clip.count);
  const [across, down] = [cell.width + GAP, cell.height + LABEL];
  const width = Math.round((columns + 1) * across + GAP);
  const height = Math.round(rows.length * down + GAP);
  const label = (text: string, x: number, y: number) =>
    lettering(text, { x, y: y + (LABEL + LETTERS) / 2, size: LETTERS, colour: "#222" });
  const picture = async (clip: Frames, frame: number, x: number, y: number) =>
    embedded(await encodePng(stillOf(clip, frame)), { x, y, ...cell });
  const middle = (height - down) / 2;
  const drawn = [
    label("reference", 0, middle),
    await picture(reference, 0, 0, middle + LABEL),
  ];
  for (const [row, { label: text, clip }] of rows.entries()) {
    drawn.push(label(text, across + GAP, row * down));
    for (let column = 0; column < columns; column++) {
      const frame = Math.round(column * (clip.count - 1) / Math.max(1, columns - 1));
      drawn.push(await picture(clip, frame, (column + 1) * across + GAP, row * down + LABEL));
    }
  }
  return await renderSvgFrame(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="#fff"/>${drawn.join("")}</svg>`,
  );
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
