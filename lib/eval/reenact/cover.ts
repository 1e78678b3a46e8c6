/**
 * Masks and points of a picture after it was scaled and cut, centred, to cover another size.
 * @module
 */
import type { PersonMask } from "../../perception/mod.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Scale, and what is cut away left and above, pixels of the new size. */
function placeOf(from: Size, to: Size): { scale: number; left: number; top: number } {
  const scale = Math.max(to.width / from.width, to.height / from.height);
  return {
    scale,
    left: (from.width * scale - to.width) / 2,
    top: (from.height * scale - to.height) / 2,
  };
}

/** The mask's mean over each pixel, [height·width]. */
export function coverMask({ data, ...from }: PersonMask, to: Size): Uint8Array {
  const { scale, left, top } = placeOf(from, to);
  const span = (at: number, cut: number, most: number): [number, number] => {
    const start = Math.min(most - 1, Math.floor((at + cut) / scale));
    return [start, Math.max(start + 1, Math.min(most, Math.floor((at + 1 + cut) / scale)))];
  };
  const columns = Array.from({ length: to.width }, (_, x) => span(x, left, from.width));
  const out = new Uint8Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const [upper, lower] = span(y, top, from.height);
    for (const [x, [start, end]] of columns.entries()) {
      let sum = 0;
      for (let v = upper; v < lower; v++) {
        for (let u = start; u < end; u++) sum += data[v * from.width + u];
      }
      out[y * to.width + x] = Math.round(sum / ((lower - upper) * (end - start)));
    }
  }
  return out;
}

/** [N·2] pixels of points [N·3], pixels and a depth that is left out. */
export function coverPoints(
  points: Float32Array,
  { from, to }: { readonly from: Size; readonly to: Size },
): Float32Array {
  const { scale, left, top } = placeOf(from, to);
  return Float32Array.from(
    { length: points.length / 3 * 2 },
    (_, i) => points[Math.floor(i / 2) * 3 + i % 2] * scale - (i % 2 === 0 ? left : top),
  );
}
