// p patch side

/**
 * Squares of pixels as channels, and back.
 * @module
 */
import { permute, reshape, type Tensor } from "../../tensor/mod.ts";

/** [B,C,F,H,W] → [B,C·p·p,F,H/p,W/p]; channels ordered colour, row, column. */
export function patchify(x: Tensor, p: number): Tensor {
  if (p === 1) return x;
  const [B, C, F, H, W] = x.shape;
  const cut = reshape(x, [B, C, F, H / p, p, W / p, p]);
  return reshape(permute(cut, [0, 1, 4, 6, 2, 3, 5]), [B, C * p * p, F, H / p, W / p]);
}

/** The inverse of {@linkcode patchify}. */
export function unpatchify(x: Tensor, p: number): Tensor {
  if (p === 1) return x;
  const [B, CPP, F, h, w] = x.shape;
  const C = CPP / (p * p);
  const cut = reshape(x, [B, C, p, p, F, h, w]);
  return reshape(permute(cut, [0, 1, 4, 5, 2, 6, 3]), [B, C, F, h * p, w * p]);
}
