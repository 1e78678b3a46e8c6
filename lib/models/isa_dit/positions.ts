import { sinusoidalEmbedding } from "../../nn/mod.ts";
import { type Device, mul, type Tensor, tensor } from "../../tensor/mod.ts";

/** ISPE's frequencies run from half a wave a unit of NDC to 16 waves (a wave each 8 of 256 pixels). */
const HIGHEST_FREQUENCY = 32;

/**
 * ISPE's sinusoids (eq. 12) of positions in NDC, [..., 3] → [..., channels], channels a multiple of 6:
 * sines and cosines of each coordinate at frequencies in geometric progression.
 */
export function ispe(ndc: Tensor, options: { channels: number; scale: number }): Tensor {
  const frequencies = options.channels / 6;
  const waves = sinusoidalEmbedding(ndc, { frequencies, maxFrequency: HIGHEST_FREQUENCY });
  return mul(waves, options.scale);
}

/**
 * Where 2D tokens lie in NDC: (2(u+½)/w − 1, 2(v+½)/h − 1, 0), the zero-depth plane (eq. 10), on a
 * token grid of w×h. Returns [h·w, 3], row by row.
 */
export function pixelNdc(w: number, h: number, device: Device): Tensor {
  const data = new Float32Array(w * h * 3);
  for (let v = 0; v < h; v++) {
    for (let u = 0; u < w; u++) {
      data[(v * w + u) * 3] = 2 * (u + 0.5) / w - 1;
      data[(v * w + u) * 3 + 1] = 2 * (v + 0.5) / h - 1;
    }
  }
  return tensor(data, { shape: [h * w, 3], device });
}
