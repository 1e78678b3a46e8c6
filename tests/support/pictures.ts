/**
 * Frames with content that survives compression well enough to be compared.
 * @module
 */
import type { Frames } from "../../lib/io/mod.ts";

/** Smooth moving colour ramps; frame k differs from frame k−1 everywhere. */
export function ramps(
  { width = 32, height = 24, count = 5, fps = 8 }: Partial<Omit<Frames, "data">> = {},
): Frames {
  const data = new Uint8Array(width * height * count * 3);
  let i = 0;
  for (let k = 0; k < count; k++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        data[i++] = 255 * x / width;
        data[i++] = 255 * y / height;
        data[i++] = 255 * k / count;
      }
    }
  }
  return { width, height, count, fps, data };
}

/** Largest and mean absolute difference of two byte arrays of equal length. */
export function difference(a: Uint8Array, b: Uint8Array): { max: number; mean: number } {
  if (a.length !== b.length) throw new Error(`${a.length} bytes against ${b.length}`);
  let max = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    max = Math.max(max, d);
    sum += d;
  }
  return { max, mean: sum / a.length };
}
