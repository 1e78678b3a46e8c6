/**
 * Clips at a glance.
 * @module
 */
import { frameAt, type Frames } from "../../io/mod.ts";
import type { SynthClip } from "./clip.ts";

/** One row a clip: a reference a person, `columns` frames spread over the clip, the empty scene. */
export function contactSheet(clips: readonly SynthClip[], columns = 5): Frames {
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
  const last = clip.frames.count - 1;
  const at = (column: number) => Math.round(last * column / Math.max(1, columns - 1));
  return [
    ...Array.from({ length: references }, (_, k) => clip.persons[k]?.reference.data),
    ...Array.from({ length: columns }, (_, column) => frameAt(clip.frames, at(column))),
    frameAt(clip.background, last >> 1),
  ];
}
