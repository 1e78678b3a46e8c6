/**
 * Clips at a glance.
 * @module
 */
import { frameAt, type Frames } from "../../io/mod.ts";
import type { SynthClip } from "./clip.ts";

/** One row a clip: the reference, `columns` frames spread over the clip, the empty scene. */
export function contactSheet(clips: readonly SynthClip[], columns = 5): Frames {
  const { width, height } = clips[0].frames;
  const sheet = {
    width: width * (columns + 2),
    height: height * clips.length,
    count: 1,
    fps: 1,
    data: new Uint8Array(width * (columns + 2) * height * clips.length * 3),
  };
  for (const [row, clip] of clips.entries()) {
    const last = clip.frames.count - 1;
    const at = (column: number) => Math.round(last * column / Math.max(1, columns - 1));
    const cells = [
      clip.reference.data,
      ...Array.from({ length: columns }, (_, column) => frameAt(clip.frames, at(column))),
      frameAt(clip.background, last >> 1),
    ];
    for (const [column, cell] of cells.entries()) {
      for (let y = 0; y < height; y++) {
        const to = ((row * height + y) * sheet.width + column * width) * 3;
        sheet.data.set(cell.subarray(y * width * 3, (y + 1) * width * 3), to);
      }
    }
  }
  return sheet;
}
