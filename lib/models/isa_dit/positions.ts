import {
  arange,
  cat,
  cos,
  type Device,
  div,
  flatten,
  mul,
  pow,
  sin,
  type Tensor,
  tensor,
  unsqueeze,
} from "../../tensor/mod.ts";

/** Lowest and highest angular frequency of ISPE per unit of NDC: half a wave over the picture, 32 waves. */
const ISPE_LOWEST = Math.PI / 2;
const ISPE_HIGHEST = 32 * Math.PI;

/**
 * ISPE's sinusoids (eq. 12) of positions in NDC, [..., 3] → [..., channels], channels a multiple of 6:
 * for each coordinate sines then cosines at frequencies in geometric progression.
 */
export function ispe(ndc: Tensor, options: { channels: number; scale: number }): Tensor {
  const count = options.channels / 6;
  const steps = div(arange(count, { device: ndc.device, dtype: "float32" }), Math.max(1, count - 1));
  const frequencies = mul(pow(ISPE_HIGHEST / ISPE_LOWEST, steps), ISPE_LOWEST);
  const angles = mul(unsqueeze(ndc, -1), frequencies);
  return mul(flatten(cat([sin(angles), cos(angles)], -1), { startDim: -2 }), options.scale);
}

/**
 * Where 2D tokens lie in NDC: (2(u+½)/w − 1, 2(v+½)/h − 1, 0), the zero-depth plane (eq. 10), on a
 * token grid of w×h. Returns [h·w, 3].
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
