/**
 * Images as tokens, and the fixed 2D position table of SD3.
 * @module
 */

import { ConfigError } from "../errors.ts";
import { flatten, narrow, reshape, scope, type Tensor, tensor, transpose } from "../tensor/mod.ts";
import { Conv2d, pair, type Size2 } from "./conv.ts";
import type { LayerInit } from "./linear.ts";
import type { Vars } from "./vars.ts";

/** Options of {@link PatchEmbed}. */
export interface PatchEmbedOptions {
  /** Size of a patch in pixels (or latent pixels). Default 2. */
  readonly patchSize?: Size2;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** First values. Default: PyTorch's. */
  readonly init?: LayerInit;
}

/** Cuts an image into patches and maps each to a token. Variables below `proj` (a convolution). */
export class PatchEmbed {
  /** The convolution whose stride is its kernel. */
  readonly proj: Conv2d;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, channels: number, dim: number, options: PatchEmbedOptions = {}) {
    const { patchSize = 2, bias, init } = options;
    this.proj = new Conv2d(vars.sub("proj"), channels, dim, {
      kernel: patchSize,
      stride: pair(patchSize),
      bias,
      init,
    });
  }

  /** [B, C, H, W] → tokens [B, (H/p)·(W/p), dim], row by row. */
  forward(x: Tensor): Tensor {
    return scope(() => transpose(flatten(this.proj.forward(x), { startDim: 2 }), 1, 2));
  }
}

/** Options of {@link sincosPositions2d}. */
export interface SincosPositionsOptions {
  /** Size of the grid on which positions count 0, 1, 2, …; default the grid's own. */
  readonly baseSize?: number;
  /** Divides positions further. Default 1. */
  readonly interpolationScale?: number;
}

/**
 * The table of diffusers' `get_2d_sincos_pos_embed`: float32 [gridSize², dim], row by row; the first
 * half of the channels encodes the column, the second the row.
 *
 * @throws ConfigError when dim is no multiple of 4
 */
export function sincosPositions2d(
  dim: number,
  gridSize: number,
  options: SincosPositionsOptions = {},
): Tensor {
  const { baseSize = gridSize, interpolationScale = 1 } = options;
  if (dim % 4 !== 0) {
    throw new ConfigError(`2D positions need a width that is a multiple of 4, found ${dim}`);
  }
  const quarter = dim / 4;
  const table = new Float32Array(gridSize * gridSize * dim);
  const scale = baseSize / gridSize / interpolationScale;
  for (let i = 0; i < gridSize; i++) {
    // One axis at one position: quarter sines, then quarter cosines.
    const waves = new Float32Array(2 * quarter);
    for (let k = 0; k < quarter; k++) {
      const angle = i * scale * Math.pow(10000, -k / quarter);
      waves[k] = Math.sin(angle);
      waves[quarter + k] = Math.cos(angle);
    }
    for (let j = 0; j < gridSize; j++) {
      table.set(waves, (j * gridSize + i) * dim);
      table.set(waves, (i * gridSize + j) * dim + 2 * quarter);
    }
  }
  return tensor(table, { shape: [gridSize * gridSize, dim] });
}

/**
 * The middle height × width part of a position table [gridSize², D] (or [1, gridSize², D]) →
 * [height·width, D], as diffusers crops SD3's.
 *
 * @throws ConfigError when the table is smaller than that
 */
export function cropPositions(
  table: Tensor,
  size: { readonly gridSize: number; readonly height: number; readonly width: number },
): Tensor {
  const { gridSize, height, width } = size;
  if (height > gridSize || width > gridSize) {
    throw new ConfigError(
      `a grid of ${height}×${width} tokens exceeds the position table's ${gridSize}×${gridSize}`,
    );
  }
  return scope(() => {
    const dim = table.shape[table.shape.length - 1];
    const grid = reshape(table, [gridSize, gridSize, dim]);
    const rows = narrow(grid, 0, Math.floor((gridSize - height) / 2), height);
    const part = narrow(rows, 1, Math.floor((gridSize - width) / 2), width);
    return reshape(part, [height * width, dim]);
  });
}
