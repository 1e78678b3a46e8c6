import { Attention, FeedForward, LayerNorm, type Vars } from "../../nn/mod.ts";
import { permute, reshape, scope, type Tensor } from "../../tensor/mod.ts";
import { ModulationTable, residual } from "./modulation.ts";

// B scenes, V views, M = B·V (scene by scene), T latent frames or poses, L tokens of one, D width

/** Attention and feed-forward. */
export const VIEW_BRANCHES = 2;

/**
 * The temporal block's architecture over views. Views have no order: which camera a token was seen by
 * is in its Plücker rays, so there are no positions here.
 */
export class ViewBlock {
  readonly #norm: LayerNorm;
  readonly #table: ModulationTable;
  readonly #attn: Attention;
  readonly #ff: FeedForward;
  readonly #meets: "instant" | "spot";

  constructor(
    vars: Vars,
    width: number,
    options: {
      readonly heads: number;
      readonly multiplier: number;
      /**
       * Which tokens read each other: all of an instant's views (one spot of the world lies at other
       * places of other pictures), or those of one place or body spot alone.
       */
      readonly meets: "instant" | "spot";
    },
  ) {
    this.#meets = options.meets;
    this.#norm = new LayerNorm(vars, width, { affine: false, eps: 1e-6 });
    this.#table = new ModulationTable(vars, width, { branches: VIEW_BRANCHES, first: 0 });
    this.#attn = new Attention(vars.sub("attn"), width, options.heads);
    this.#ff = new FeedForward(vars.sub("ff"), width, { mult: options.multiplier });
  }

  /** Tokens [M, T, L, D] → the same. */
  forward(x_MTLD: Tensor, shared: Tensor, V: number): Tensor {
    const [M, T, L, D] = x_MTLD.shape;
    const grid = [M / V, V, T, L, D];
    return scope(() => {
      const [attn, ff] = this.#table.forward(shared);
      const attended = residual(x_MTLD, this.#norm, attn, (h_MTLD) => {
        // [B, T, V, L, D], or [B, T, L, V, D]: the last but one dimension is within a sequence.
        const [order, back, length] = this.#meets === "instant"
          ? [[0, 2, 1, 3, 4], [0, 2, 1, 3, 4], V * L]
          : [[0, 2, 3, 1, 4], [0, 3, 1, 2, 4], V];
        const sequences = permute(reshape(h_MTLD, grid), order);
        const out = this.#attn.forward(reshape(sequences, [-1, length, D]));
        return reshape(permute(reshape(out, sequences.shape), back), [M, T, L, D]);
      });
      return residual(attended, this.#norm, ff, (h) => this.#ff.forward(h));
    });
  }
}
