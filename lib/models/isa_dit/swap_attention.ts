/**
 * Swap attention (VideoFactory): in windows over time and space, the tokens of the spatial and of the
 * temporal branch attend to each other, and which of the two asks alternates from layer to layer.
 * @module
 */
import {
  applyRotary,
  attend,
  Attention,
  LayerNorm,
  type Linear,
  type RotaryTable,
  type Vars,
} from "../../nn/mod.ts";
import {
  type Device,
  expand,
  reshape,
  scope,
  type Tensor,
  transpose,
  unsqueeze,
} from "../../tensor/mod.ts";
import type { Step } from "./additions.ts";
import type { IsaDitConfig } from "./config.ts";
import { gated, modulate, ModulationTable, SharedModulation } from "./modulation.ts";
import {
  intoWindows,
  outOfWindows,
  type Size3,
  type WindowGrid,
  windowGrid,
  windowMask,
} from "./token_windows.ts";

// B batch, T latent frames, h×w tokens of a frame, L = h·w, n windows of a clip, S tokens of a window,
// M = B·n, N heads, H head width, D width

/** One way to cut a clip into windows, and the mask of what hangs over its edges, [n, 1, 1, S]. */
export interface SwapWindows {
  readonly grid: WindowGrid;
  readonly mask?: Tensor;
}

/** Both ways to cut the clips at hand. */
export interface SwapTables {
  readonly plain: SwapWindows;
  readonly shifted: SwapWindows;
}

/** What a {@linkcode SwapBlock} reads besides the tokens. */
export interface SwapContext {
  readonly tables: SwapTables;
  /** Modulation that all swap blocks share, [B, 3, D]. */
  readonly shared: Tensor;
  /** Positions of the latent frames, T. */
  readonly rotary: RotaryTable;
}

/** Swap attention in every layer of a model. */
export class SwapAttention {
  readonly #vars: Vars;
  readonly #config: IsaDitConfig;
  readonly #shared: SharedModulation;

  /** `vars` is the model's root. */
  constructor(vars: Vars, config: IsaDitConfig) {
    const { width } = config;
    this.#vars = vars;
    this.#config = config;
    this.#shared = new SharedModulation(vars.sub("swap_modulation"), width, {
      out: width,
      branches: 1,
    });
  }

  /** The step of layer `index` over latent frames: its `own`, then in windows with what went into it. */
  alongTime(index: number, own: Step): Step {
    const { width, heads } = this.#config;
    const block = new SwapBlock(this.#vars.sub("swap_blocks").sub(index), width, { heads, index });
    return (spatial, context) => {
      const { swap } = context;
      if (!swap) return own(spatial, context);
      return scope(() => block.forward({ spatial, temporal: own(spatial, context) }, swap));
    };
  }

  /** Tables for clips of this `background` [B, C, T, h, w]; made once a clip, the caller owns the masks. */
  tables({ shape: [, , T, h, w], device }: Tensor): SwapTables {
    const { patchSize, swapWindow } = this.#config;
    return swapTables([T, h / patchSize, w / patchSize], swapWindow, { device });
  }

  /** Embedded flow times → what all blocks read. */
  context(time: Tensor, clip: Pick<SwapContext, "tables" | "rotary">): SwapContext {
    return { ...clip, shared: this.#shared.forward(time) };
  }
}

/** Tables for clips of `size` latent frames, rows and columns of tokens; the caller owns the masks. */
export function swapTables(
  size: Size3,
  window: Size3,
  options: { readonly device: Device },
): SwapTables {
  const [plain, shifted] = [false, true].map((shift) => {
    const grid = windowGrid(size, window, shift);
    return { grid, mask: windowMask(grid, options) };
  });
  return { plain, shifted };
}

/** The two branches, each [B, T, L, D]. */
export interface SwapBranches {
  /** After the spatial block. */
  readonly spatial: Tensor;
  /** After the temporal block that follows it. */
  readonly temporal: Tensor;
}

/**
 * The block of layer `index`. Even layers ask from the temporal branch, odd ones from the spatial; of
 * each kind every second one has shifted windows. Rotary positions give the time, and tokens carry their
 * place with them. The gate starts at zero, so that a fresh block gives back the temporal branch.
 */
export class SwapBlock {
  readonly #norm: LayerNorm;
  readonly #table: ModulationTable;
  readonly #attn: Attention;
  readonly #heads: number;
  readonly #asks: keyof SwapBranches;
  readonly #windows: keyof SwapTables;

  constructor(vars: Vars, width: number, options: { heads: number; index: number }) {
    const { heads, index } = options;
    this.#norm = new LayerNorm(vars, width, { affine: false, eps: 1e-6 });
    this.#table = new ModulationTable(vars, width, { branches: 1, first: 0 });
    this.#attn = new Attention(vars.sub("attn"), width, heads);
    this.#heads = heads;
    this.#asks = index % 2 === 0 ? "temporal" : "spatial";
    this.#windows = Math.floor(index / 2) % 2 === 0 ? "plain" : "shifted";
  }

  /** Both branches → what goes on, [B, T, L, D]. */
  forward(branches: SwapBranches, { tables, shared, rotary }: SwapContext): Tensor {
    const { spatial, temporal } = branches;
    const windows = tables[this.#windows];
    return scope(() => {
      const [modulation] = this.#table.forward(shared);
      const update = scope(() => {
        const asking = modulate(branches[this.#asks], this.#norm, modulation);
        const asked = this.#norm.forward(this.#asks === "spatial" ? temporal : spatial);
        return this.#attend(asking, asked, { windows, rotary });
      });
      return gated(temporal, update, modulation);
    });
  }

  #attend(
    asking: Tensor,
    asked: Tensor,
    { windows: { grid, mask }, rotary }: { windows: SwapWindows; rotary: RotaryTable },
  ): Tensor {
    const { toQ, toK, toV, toOut } = this.#attn;
    const turning = overHeads(rotary);
    const cut = (x: Tensor, to: Linear, turn?: RotaryTable) =>
      scope(() => this.#cut(to.forward(x), grid, turn));
    return scope(() => {
      const q_MNSH = cut(asking, toQ, turning);
      const k_MNSH = cut(asked, toK, turning);
      const v_MNSH = cut(asked, toV);
      const out_MNSH = attend(q_MNSH, k_MNSH, v_MNSH, {
        mask: mask && forBatch(mask, q_MNSH.shape[0]),
      });
      const [M, , S] = out_MNSH.shape;
      const whole = outOfWindows(reshape(transpose(out_MNSH, 1, 2), [M, S, -1]), grid);
      return toOut.forward(reshape(whole, asking.shape));
    });
  }

  /** Projected tokens [B, T, L, D] → [M, N, S, H], their heads turned by their latent frame. */
  #cut(x_BTLD: Tensor, grid: WindowGrid, turning?: RotaryTable): Tensor {
    const [B, T, L, D] = x_BTLD.shape;
    const N = this.#heads;
    const [, { size: h }, { size: w }] = grid.axes;
    const heads = reshape(x_BTLD, [B, T, L, N, D / N]);
    const turned = turning ? applyRotary(heads, turning) : heads;
    const windows_MSD = intoWindows(reshape(turned, [B, T, h, w, D]), grid);
    const [M, S] = windows_MSD.shape;
    return transpose(reshape(windows_MSD, [M, S, N, D / N]), 1, 2);
  }
}

/** A table [T, H] for heads [B, T, L, N, H]. */
function overHeads({ cos, sin }: RotaryTable): RotaryTable {
  const spread = (x: Tensor) => reshape(x, [x.shape[0], 1, 1, x.shape[1]]);
  return { cos: spread(cos), sin: spread(sin) };
}

/** A mask of the windows of one clip [n, 1, 1, S] for those of a batch, [M, 1, 1, S]. */
function forBatch(mask: Tensor, M: number): Tensor {
  const [n, , , S] = mask.shape;
  if (n === M) return mask;
  return reshape(expand(unsqueeze(mask, 0), [M / n, n, 1, 1, S]), [M, 1, 1, S]);
}
