import { InputError } from "../errors.ts";

/** Bytes of two pictures or clips of the same size; throws {@linkcode InputError} otherwise. */
export function checkSameLength(a: Uint8Array, b: Uint8Array): void {
  if (a.length !== b.length || a.length === 0) {
    throw new InputError(`cannot compare ${a.length} with ${b.length} bytes; sizes must be equal`);
  }
}

/**
 * Peak signal-to-noise ratio in dB of two clips of 8-bit values, over all of them at once; Infinity
 * where they are equal. `mask` (one byte a pixel, 3 values each) restricts it to pixels not 0.
 */
export function psnr(a: Uint8Array, b: Uint8Array, mask?: Uint8Array): number {
  checkSameLength(a, b);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    if (mask && mask[Math.floor(i / 3)] === 0) continue;
    const difference = a[i] - b[i];
    sum += difference * difference;
    count++;
  }
  return 10 * Math.log10(255 ** 2 / (sum / count));
}
