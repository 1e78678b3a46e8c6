import { Attention, FeedForward, LayerNorm, type RotaryTable, type Vars } from "../../nn/mod.ts";
import { permute, reshape, scope, type Tensor } from "../../tensor/mod.ts";
import { modulate, ModulationTable, OwnModulation, residual } from "./modulation.ts";
import {
  type LayerKeys,
  readKeys,
  type ReferenceBlock,
  type ReferenceReading,
  selfAndReference,
} from "./reference_block.ts";

// B batch, T latent frames, L tokens of a frame, D width

/** SD3's transformer block, image stream, on the tokens of each latent frame. Names are SD3's. */
export class SpatialBlock {
  readonly #norm: LayerNorm;
  readonly #norm1: OwnModulation;
  readonly #attn: Attention;
  readonly #ff: FeedForward;
  readonly #heads: number;

  constructor(vars: Vars, width: number, options: { heads: number; multiplier: number }) {
    this.#heads = options.heads;
    this.#norm = new LayerNorm(vars, width, { affine: false, eps: 1e-6 });
    this.#norm1 = new OwnModulation(vars.sub("norm1"), width, { branches: 2 });
    this.#attn = new Attention(vars.sub("attn"), width, options.heads);
    this.#ff = new FeedForward(vars.sub("ff"), width, { mult: options.multiplier });
  }

  /**
   * Tokens [B, T, L, D] and time embedding [B, D] or [B, T, D] → [B, T, L, D]. With a `reading`, each
   * frame's tokens attend to the reference's beside their own.
   */
  forward(x_BTLD: Tensor, time: Tensor, reading?: ReferenceReading): Tensor {
    const [B, T, L, D] = x_BTLD.shape;
    return scope(() => {
      const [attn, ff] = this.#norm1.forward(time);
      const attended = residual(x_BTLD, this.#norm, attn, (h_BTLD) => {
        const h_MLD = reshape(h_BTLD, [B * T, L, D]);
        const out_MLD = reading
          ? selfAndReference(this.#attn, h_MLD, { ...reading, heads: this.#heads })
          : this.#attn.forward(h_MLD);
        return reshape(out_MLD, [B, T, L, D]);
      });
      return residual(attended, this.#norm, ff, (h) => this.#ff.forward(h));
    });
  }

  /** What reference tokens [B, R, L, D] at their time [1, D] offer to be read, B·R by L. */
  keys(x_BRLD: Tensor, time_1D: Tensor, own: ReferenceBlock): LayerKeys {
    const [B, R, L, D] = x_BRLD.shape;
    return scope(() => {
      const [attn] = own.table.forward(this.#norm1.rows(time_1D));
      const h_MLD = reshape(modulate(x_BRLD, this.#norm, attn), [B * R, L, D]);
      return readKeys(this.#attn, h_MLD, { heads: this.#heads, batch: B });
    });
  }

  /** Reference tokens [B, R, L, D] past this block; each reference attends to itself alone. */
  passReference(x_BRLD: Tensor, time_1D: Tensor, own: ReferenceBlock): Tensor {
    const [B, R, L, D] = x_BRLD.shape;
    return scope(() => {
      const [attn, ff] = own.table.forward(this.#norm1.rows(time_1D));
      const attended = residual(x_BRLD, this.#norm, attn, (h_BRLD) => {
        const h_MLD = reshape(h_BRLD, [B * R, L, D]);
        return reshape(this.#attn.forward(h_MLD), [B, R, L, D]);
      });
      return residual(attended, this.#norm, ff, (h) => this.#ff.forward(h));
    });
  }
}

/**
 * Attention over time at every position, rotary so that length is free. Serves the
 * 2D tokens (over latent frames) and the 3D tokens (over body poses) alike (eq. 16, 17).
 */
export class TemporalBlock {
  readonly #norm: LayerNorm;
  readonly #table: ModulationTable;
  readonly #attn: Attention;
  readonly #ff: FeedForward;

  constructor(
    vars: Vars,
    width: number,
    options: { heads: number; multiplier: number; firstBranch: number },
  ) {
    this.#norm = new LayerNorm(vars, width, { affine: false, eps: 1e-6 });
    this.#table = new ModulationTable(vars, width, { branches: 2, first: options.firstBranch });
    this.#attn = new Attention(vars.sub("attn"), width, options.heads);
    this.#ff = new FeedForward(vars.sub("ff"), width, { mult: options.multiplier });
  }

  /** Tokens [B, T, L, D] and the shared modulation [B, n, D] → [B, T, L, D]. */
  forward(x_BTLD: Tensor, shared: Tensor, rotary: RotaryTable): Tensor {
    const [B, T, L, D] = x_BTLD.shape;
    return scope(() => {
      const [attn, ff] = this.#table.forward(shared);
      const attended = residual(x_BTLD, this.#norm, attn, (h_BTLD) => {
        const h_MTD = reshape(permute(h_BTLD, [0, 2, 1, 3]), [B * L, T, D]);
        const out_MTD = this.#attn.forward(h_MTD, { rotary });
        return permute(reshape(out_MTD, [B, L, T, D]), [0, 2, 1, 3]);
      });
      return residual(attended, this.#norm, ff, (h) => this.#ff.forward(h));
    });
  }
}

/** 2D tokens of each group read a context: camera tokens (eq. 23) or the image embedding (eq. 21). */
export class ContextBlock {
  readonly #norm: LayerNorm;
  readonly #table: ModulationTable;
  readonly #attn: Attention;

  constructor(
    vars: Vars,
    width: number,
    options: { heads: number; contextWidth: number; firstBranch: number },
  ) {
    this.#norm = new LayerNorm(vars, width, { affine: false, eps: 1e-6 });
    this.#table = new ModulationTable(vars, width, { branches: 1, first: options.firstBranch });
    this.#attn = new Attention(vars.sub("attn"), width, options.heads, {
      contextDim: options.contextWidth,
    });
  }

  /** Tokens [B, T, L, D], context [B, C, Dc] (one a clip) or [B·T, C, Dc] (one a latent frame). */
  forward(x_BTLD: Tensor, context: Tensor, shared: Tensor): Tensor {
    const [B, T, L, D] = x_BTLD.shape;
    const groups = context.shape[0];
    return scope(() => {
      const [attn] = this.#table.forward(shared);
      return residual(x_BTLD, this.#norm, attn, (h_BTLD) => {
        const h = reshape(h_BTLD, [groups, (B * T * L) / groups, D]);
        return reshape(this.#attn.forward(h, { context }), [B, T, L, D]);
      });
    });
  }
}
