import { InputError } from "../errors.ts";
import { checkSameLength } from "./psnr.ts";

/** A pixel whose largest channel differs from the background by more than this share is person. */
const THRESHOLD = 0.1;

/** Where a clip of rgb24 frames differs from its background clip: 1 a pixel, else 0. */
export function foreground(frames: Uint8Array, background: Uint8Array): Uint8Array {
  checkSameLength(frames, background);
  const mask = new Uint8Array(frames.length / 3);
  const threshold = THRESHOLD * 255;
  for (let i = 0; i < mask.length; i++) {
    const largest = Math.max(
      Math.abs(frames[3 * i] - background[3 * i]),
      Math.abs(frames[3 * i + 1] - background[3 * i + 1]),
      Math.abs(frames[3 * i + 2] - background[3 * i + 2]),
    );
    mask[i] = largest > threshold ? 1 : 0;
  }
  return mask;
}

/** Intersection over union of two masks (0 is outside) over a whole clip; 1 where both are empty. */
export function maskIou(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) {
    throw new InputError(`cannot compare masks of ${a.length} and ${b.length} pixels`);
  }
  let both = 0;
  let any = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] && b[i]) both++;
    if (a[i] || b[i]) any++;
  }
  return any === 0 ? 1 : both / any;
}
