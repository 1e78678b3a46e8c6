/**
 * Smooth filling: what is unknown becomes a blend of what is known around it, the nearer the more, by
 * ever coarser means and back (the push-pull of Gortler et al. 1996).
 * @module
 */

/**
 * Fills in place what is 0 in `known`, [height*width]; values are [height*width*channels]. Where nothing
 * is known, nothing happens.
 */
export function smoothly(
  values: Float32Array,
  { width, height, known, channels }: {
    readonly width: number;
    readonly height: number;
    readonly known: Uint8Array;
    readonly channels: number;
  },
): void {
  if (width <= 1 && height <= 1) return;
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const sums = new Float32Array(w * h * channels);
  const counts = new Float32Array(w * h);
  for (let i = 0; i < known.length; i++) {
    if (known[i] === 0) continue;
    const to = (Math.floor(i / width) >> 1) * w + (i % width >> 1);
    counts[to]++;
    for (let c = 0; c < channels; c++) sums[to * channels + c] += values[i * channels + c];
  }
  const there = Uint8Array.from(counts, (count) => count > 0 ? 1 : 0);
  if (!there.includes(1)) return;
  const coarse = sums.map((sum, i) => sum / Math.max(1, counts[Math.floor(i / channels)]));
  if (there.includes(0)) smoothly(coarse, { width: w, height: h, known: there, channels });
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== 0) continue;
    // Between the middles of the four coarse pixels around.
    const [x, y] = [(i % width - 0.5) / 2, (Math.floor(i / width) - 0.5) / 2];
    const [u, v] = [Math.floor(x), Math.floor(y)];
    for (let c = 0; c < channels; c++) {
      const at = (a: number, b: number) =>
        coarse[
          (Math.max(0, Math.min(h - 1, b)) * w + Math.max(0, Math.min(w - 1, a))) * channels + c
        ];
      const above = at(u, v) + (x - u) * (at(u + 1, v) - at(u, v));
      const below = at(u, v + 1) + (x - u) * (at(u + 1, v + 1) - at(u, v + 1));
      values[i * channels + c] = above + (y - v) * (below - above);
    }
  }
}
