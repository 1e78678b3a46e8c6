import { sincosPositions2d, sinusoidalEmbedding, type Vars } from "../../nn/mod.ts";
import {
  add,
  amax,
  type Device,
  mul,
  permute,
  reshape,
  type Tensor,
  tensor,
} from "../../tensor/mod.ts";
import type { IsaDitConfig } from "./config.ts";

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
 * Where 2D tokens lie in NDC: (2(u+½)/w − 1, 2(v+½)/h − 1, 0), the zero-depth plane (eq. 11), on a
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

/** SD3's table of 2D positions; a buffer, since its files hold it. */
export function positionTable(
  vars: Vars,
  { width, positionTableSize: size }: IsaDitConfig,
): Tensor {
  const shape = [1, size * size, width];
  const make = () => reshape(sincosPositions2d(width, size), shape);
  return vars.buffer("pos_embed", shape, { kind: "computed", make });
}

/**
 * From [B, K, P] of 1 and 0: an additive mask [B·T, 1, 1, S], −∞ for points that do not show, and 1 for
 * latent frames with a point that does, else 0, [B, T, 1, 1]. Softmax over nothing but masked points
 * is uniform: a frame without any other must read none.
 */
export function frontMasks(
  inFront: Tensor,
  T: number,
): { readonly pointMask: Tensor; readonly frameWithBody: Tensor } {
  const [B] = inFront.shape;
  const front_BT1S = reshape(inFront, [B, T, 1, -1]);
  return {
    pointMask: mul(add(reshape(front_BT1S, [B * T, 1, 1, -1]), -1), 1e9),
    frameWithBody: amax(front_BT1S, { dim: -1, keepdim: true }),
  };
}

/** Plücker images [B, 6f, T, h, w] → patches [B·T, h/q·w/q, 6f·q²]. */
export function cameraPatches(plucker: Tensor, q: number): Tensor {
  const [B, C, T, h, w] = plucker.shape;
  const cells = reshape(plucker, [B, C, T, h / q, q, w / q, q]);
  return reshape(permute(cells, [0, 2, 3, 5, 1, 4, 6]), [B * T, (h * w) / q ** 2, C * q * q]);
}
