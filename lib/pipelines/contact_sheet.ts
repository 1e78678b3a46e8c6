/**
 * Clips side by side in one picture: the reference, then rows of frames one above the other.
 * @module
 */
import { frameAt, type Frames } from "../io/mod.ts";

/** What a sheet shows; all pictures have one size. */
export interface SheetContent {
  /** Shown left of the rows. */
  readonly reference: Frames;
  /** Clips of equal length, from top to bottom. */
  readonly rows: readonly Frames[];
}

/** Frames of each row, evenly spread, and how much each pixel is enlarged. */
const COLUMNS = 6;
const ZOOM = 2;
const GAP = 4;

/** Lays the sheet out, enlarged twice, on white. */
export function contactSheet({ reference, rows }: SheetContent): Frames {
  const cell = { width: reference.width * ZOOM, height: reference.height * ZOOM };
  const columns = Math.min(COLUMNS, rows[0].count);
  const width = (columns + 1) * (cell.width + GAP) + GAP;
  const height = rows.length * (cell.height + GAP) - GAP;
  const sheet = {
    width,
    height,
    count: 1,
    fps: 1,
    data: new Uint8Array(width * height * 3).fill(255),
  };
  place(sheet, frameAt(reference, 0), reference, { x: 0, y: (height - cell.height) / 2 });
  for (const [row, clip] of rows.entries()) {
    for (let column = 0; column < columns; column++) {
      const frame = Math.round(column * (clip.count - 1) / Math.max(1, columns - 1));
      place(sheet, frameAt(clip, frame), clip, {
        x: (column + 1) * (cell.width + GAP) + GAP,
        y: row * (cell.height + GAP),
      });
    }
  }
  return sheet;
}

/** Copies a picture into the sheet, enlarged bilinearly: hard squares would hide what a small clip shows. */
function place(
  sheet: Frames,
  picture: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  at: { readonly x: number; readonly y: number },
): void {
  const sample = (x: number, y: number, channel: number) => {
    const [cx, cy] = [Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y))];
    return picture[(cy * width + cx) * 3 + channel];
  };
  for (let y = 0; y < height * ZOOM; y++) {
    const sy = (y + 0.5) / ZOOM - 0.5;
    const [y0, fy] = [Math.floor(sy), sy - Math.floor(sy)];
    for (let x = 0; x < width * ZOOM; x++) {
      const sx = (x + 0.5) / ZOOM - 0.5;
      const [x0, fx] = [Math.floor(sx), sx - Math.floor(sx)];
      const to = ((Math.round(at.y) + y) * sheet.width + Math.round(at.x) + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const upper = sample(x0, y0, channel) * (1 - fx) + sample(x0 + 1, y0, channel) * fx;
        const lower = sample(x0, y0 + 1, channel) * (1 - fx) + sample(x0 + 1, y0 + 1, channel) * fx;
        sheet.data[to + channel] = Math.round(upper * (1 - fy) + lower * fy);
      }
    }
  }
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
