/**
 * Windows over time: where a long clip is looked at, and how much each look counts.
 * @module
 */
import { ConfigError } from "../errors.ts";

/** Latent frames `start` … `start + length − 1`. */
export interface LatentWindow {
  readonly start: number;
  readonly length: number;
  /** How much this window counts at each of its latent frames; over all windows they sum to 1. */
  readonly weights: Float32Array<ArrayBuffer>;
}

/**
 * Windows of `length` latent frames that cover `T`, neighbours sharing `overlap` of them. The last one
 * ends with the clip and shares more where the lengths do not come out, so that all are equally long.
 * Within an overlap one window fades out as the next fades in. A clip that is no longer than a window
 * is a single one. Throws {@linkcode ConfigError} where windows could not move on.
 */
export function latentWindows(
  T: number,
  { length, overlap }: { readonly length: number; readonly overlap: number },
): LatentWindow[] {
  if (!(overlap >= 0 && overlap < length)) {
    throw new ConfigError(`windows of ${length} latent frames cannot share ${overlap} of them`);
  }
  if (T <= length) return [{ start: 0, length: T, weights: new Float32Array(T).fill(1) }];
  const count = Math.ceil((T - length) / (length - overlap)) + 1;
  const starts = Array.from(
    { length: count },
    (_, i) => Math.min(i * (length - overlap), T - length),
  );
  const shares = starts.map((_, i) =>
    Float32Array.from({ length }, (_, k) => {
      const rising = i === 0 ? 1 : (k + 1) / (overlap + 1);
      const falling = i === count - 1 ? 1 : (length - k) / (overlap + 1);
      return Math.min(1, rising, falling);
    })
  );
  const sums = new Float32Array(T);
  for (const [i, share] of shares.entries()) share.forEach((s, k) => sums[starts[i] + k] += s);
  return starts.map((start, i) => ({
    start,
    length,
    weights: shares[i].map((share, k) => share / sums[start + k]),
  }));
}
