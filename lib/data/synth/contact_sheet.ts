/**
 * Clips at a glance.
 * @module
 */
import { frameAt, type Frames } from "../../io/mod.ts";
import type { SynthClip } from "./clip.ts";

/** Frames of each clip. */
const FRAMES = 5;

/** What the columns of {@linkcode contactSheet} show. */
export function sheetColumns(clips: readonly SynthClip[], columns = FRAMES): string[] {
  const references = Math.max(...clips.map(({ persons }) => persons.length));
  const { count } = clips[0].frames;
  return [
    ...Array.from({ length: references }, (_, k) => k === 0 ? "reference" : `reference ${k + 1}`),
    ...Array.from({ length: columns }, (_, at) => `frame ${placeOf(at, columns, count)}`),
    "empty scene",
  ];
}

/** Which of `count` frames stands in a column. */
function placeOf(column: number, columns: number, count: number): number {
  return Math.round((count - 1) * column / Math.max(1, columns - 1));
}

/** One row a clip: a reference a person, `columns` frames spread over the clip, the empty scene. */
export function contactSheet(clips: readonly SynthClip[], columns = FRAMES): Frames {
  const { width, height } = clips[0].frames;
  const references = Math.max(...clips.map(({ persons }) => persons.length));
  const cells = references + columns + 1;
  const sheet = {
    width: width * cells,
    height: height * clips.length,
    count: 1,
    fps: 1,
    data: new Uint8Array(width * cells * height * clips.length * 3),
  };
  for (const [row, clip] of clips.entries()) {
    for (const [column, cell] of rowOf(clip, { references, columns }).entries()) {
      for (let y = 0; cell && y < height; y++) {
        const to = ((row * height + y) * sheet.width + column * width) * 3;
        sheet.data.set(cell.subarray(y * width * 3, (y + 1) * width * 3), to);
      }
    }
  }
  return sheet;
}

function rowOf(
  clip: SynthClip,
  { references, columns }: { references: number; columns: number },
): (Uint8Array | undefined)[] {
  const { count } = clip.frames;
  return [
    ...Array.from({ length: references }, (_, k) => clip.persons[k]?.reference.data),
    ...Array.from(
      { length: columns },
      (_, column) => frameAt(clip.frames, placeOf(column, columns, count)),
    ),
    frameAt(clip.background, (count - 1) >> 1),
  ];
}
