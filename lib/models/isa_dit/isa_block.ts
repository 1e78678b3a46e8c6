import { attend, FeedForward, LayerNorm, Linear, type Vars } from "../../nn/mod.ts";
import {
  add,
  copy_,
  mul,
  narrow,
  noGrad,
  pad,
  permute,
  reshape,
  scope,
  type Tensor,
} from "../../tensor/mod.ts";
import { gated, modulate, type Modulation, ModulationTable, residual } from "./modulation.ts";

// M = B·T latent frames, L 2D tokens, S 3D tokens of a latent frame, D 2D width, E 3D width,
// N heads, H head dim

/** The two token streams. */
export interface Streams {
  readonly x_BTLD: Tensor;
  readonly points_BTSE: Tensor;
}

/** Sizes of an {@linkcode IsaBlock}. */
export interface IsaBlockOptions {
  readonly width: number;
  readonly pointWidth: number;
  readonly heads: number;
  readonly multiplier: number;
  readonly pointMultiplier: number;
  /** Both directions, or 3D to 2D alone. */
  readonly symmetric: boolean;
  readonly firstBranch: number;
  readonly firstPointBranch: number;
}

/** What an {@linkcode IsaBlock} reads besides the tokens. */
export interface IsaContext {
  /** ISPE of the 2D tokens [1, 1, L, E], or [B, 1, L, E], and of the 3D tokens [B, T, S, E]. */
  readonly pixelIspe: Tensor;
  readonly pointIspe: Tensor;
  /** Additive mask over 3D tokens, [M, 1, 1, S]. */
  readonly pointMask?: Tensor;
  /** With it: 1 for latent frames in which a point shows, else 0, [B, T, 1, 1]. */
  readonly frameWithBody?: Tensor;
  /** 1 to let the body speak, 0 for the unconditional branch, [B, 1, 1, 1]. */
  readonly subjectGiven: Tensor;
  /** Shared modulations of the two streams. */
  readonly shared: Tensor;
  readonly sharedPoints: Tensor;
}

/**
 * Symmetric interspatial transformer block (eq. 13–15): within a latent frame, 2D tokens read 3D
 * tokens ("rendering") and 3D tokens read 2D tokens ("reconstruction"), both from the same input.
 *
 * ISPE is added to both token sets before the projections to Q and K (eq. 12). Where the 3D tokens
 * are narrower, their E-channel encoding goes to the first E of the D channels of the 2D tokens.
 */
export class IsaBlock {
  readonly #norm: LayerNorm;
  readonly #pointNorm: LayerNorm;
  readonly #table: ModulationTable;
  readonly #pointTable: ModulationTable;
  readonly #rendering: Direction;
  readonly #reconstruction?: Direction;
  readonly #ff: FeedForward;
  readonly #pointFf?: FeedForward;

  constructor(vars: Vars, options: IsaBlockOptions) {
    const { width, pointWidth, heads } = options;
    this.#norm = new LayerNorm(vars, width, { affine: false, eps: 1e-6 });
    this.#pointNorm = new LayerNorm(vars, pointWidth, { affine: false, eps: 1e-6 });
    this.#table = new ModulationTable(vars, width, { branches: 2, first: options.firstBranch });
    this.#pointTable = new ModulationTable(vars.sub("points"), pointWidth, {
      branches: 2,
      first: options.firstPointBranch,
    });
    this.#rendering = new Direction(vars.sub("rendering"), width, pointWidth, { heads, width });
    this.#ff = new FeedForward(vars.sub("ff"), width, { mult: options.multiplier });
    if (options.symmetric) {
      this.#reconstruction = new Direction(vars.sub("reconstruction"), pointWidth, width, {
        heads,
        width,
      });
      this.#pointFf = new FeedForward(vars.sub("points").sub("ff"), pointWidth, {
        mult: options.pointMultiplier,
      });
    }
  }

  /** 2D tokens [B, T, L, D] and 3D tokens [B, T, S, E] → both, updated. */
  forward(
    x_BTLD: Tensor,
    points_BTSE: Tensor,
    context: IsaContext,
  ): Streams {
    const pointFf = this.#pointFf;
    return scope(() => {
      const [attn, ff] = this.#table.forward(context.shared);
      const [pointAttn, pointFfBranch] = this.#pointTable.forward(context.sharedPoints);
      const read = this.#exchange(x_BTLD, points_BTSE, context, { attn, pointAttn });
      const x = residual(read.x_BTLD, this.#norm, ff, (h) => this.#ff.forward(h));
      if (!pointFf) return { x_BTLD: x, points_BTSE };
      const points = residual(
        read.points_BTSE,
        this.#pointNorm,
        pointFfBranch,
        (h) => pointFf.forward(h),
      );
      return { x_BTLD: x, points_BTSE: points };
    });
  }

  /** Both directions of attention. */
  #exchange(
    x_BTLD: Tensor,
    points_BTSE: Tensor,
    context: IsaContext,
    { attn, pointAttn }: { readonly attn: Modulation; readonly pointAttn: Modulation },
  ): Streams {
    const { pixelIspe, pointIspe, pointMask, frameWithBody, subjectGiven } = context;
    return scope(() => {
      const pixels = modulate(x_BTLD, this.#norm, attn);
      const points = modulate(points_BTSE, this.#pointNorm, pointAttn);
      const wider = x_BTLD.shape[3] - points_BTSE.shape[3];
      const pixelKeys = add(pixels, wider > 0 ? pad(pixelIspe, [0, wider]) : pixelIspe);
      const pointKeys = add(points, pointIspe);
      const x = scope(() => {
        const rendered = this.#rendering.forward(pixelKeys, pointKeys, points, pointMask);
        const speaks = frameWithBody ? mul(frameWithBody, subjectGiven) : subjectGiven;
        return gated(x_BTLD, rendered, { ...attn, gate: mul(attn.gate, speaks) });
      });
      const read = this.#reconstruction?.forward(pointKeys, pixelKeys, pixels);
      return { x_BTLD: x, points_BTSE: read ? gated(points_BTSE, read, pointAttn) : points_BTSE };
    });
  }
}

/** Attention from one token set to the other inside each latent frame. */
class Direction {
  readonly #toQ: Linear;
  readonly #toK: Linear;
  readonly #toV: Linear;
  readonly #toOut: Linear;
  readonly #heads: number;

  constructor(
    vars: Vars,
    queryDim: number,
    contextDim: number,
    { heads, width }: { heads: number; width: number },
  ) {
    this.#heads = heads;
    this.#toQ = new Linear(vars.sub("to_q"), queryDim, width);
    this.#toK = new Linear(vars.sub("to_k"), contextDim, width);
    this.#toV = new Linear(vars.sub("to_v"), contextDim, width);
    this.#toOut = new Linear(vars.sub("to_out"), width, queryDim);
    tieColumns(this.#toQ.weight, this.#toK.weight);
  }

  /** Queries with ISPE [B,T,Lq,Dq], keys with ISPE and values [B,T,Lk,Dk] → [B,T,Lq,Dq]. */
  forward(query: Tensor, key: Tensor, value: Tensor, mask?: Tensor): Tensor {
    const [B, T, L] = query.shape;
    return scope(() => {
      const merged = scope(() => {
        const q_MNLH = this.#split(this.#toQ.forward(query));
        const k_MNLH = this.#split(this.#toK.forward(key));
        const v_MNLH = this.#split(this.#toV.forward(value));
        const out_MNLH = attend(q_MNLH, k_MNLH, v_MNLH, { mask });
        return reshape(permute(out_MNLH, [0, 2, 1, 3]), [B, T, L, -1]);
      });
      return this.#toOut.forward(merged);
    });
  }

  #split(x_BTLD: Tensor): Tensor {
    const [B, T, L, D] = x_BTLD.shape;
    return permute(reshape(x_BTLD, [B * T, L, this.#heads, D / this.#heads]), [0, 2, 1, 3]);
  }
}

/** Equal NDC attends from the first step: Q and K start with the same map of the shared channels. */
function tieColumns(a: Tensor, b: Tensor): void {
  if (a.device === "meta") return;
  const columns = Math.min(a.shape[1], b.shape[1]);
  noGrad(() => {
    using source = narrow(a, 1, 0, columns);
    using target = narrow(b, 1, 0, columns);
    copy_(target, source);
  });
}
