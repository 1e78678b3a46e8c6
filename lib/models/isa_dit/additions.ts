/**
 * What the options `identity` and `temporal` put beside the paper's model. A layer lets them take over
 * its spatial and its temporal step; the model hands on what they keep of a clip and of a flow time.
 * @module
 */
import type { Vars } from "../../nn/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { SpatialBlock, TemporalBlock } from "./attention_blocks.ts";
import type { IsaDitConfig } from "./config.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import type { EncodedConditions } from "./encoded.ts";
import type { LayerContext } from "./layer.ts";
import type { IsaDit } from "./model.ts";
import { type ReferenceCache, Scd } from "./scd.ts";
import { SwapAttention, type SwapContext, type SwapTables } from "./swap_attention.ts";

/**
 * What is kept of a clip, once for all steps.
 * @internal
 */
export interface AddedEncoding {
  /** SCD's stage one, where the model has it. */
  readonly reference?: ReferenceCache;
  /** How swap attention cuts these clips, where the model has it. */
  readonly swap?: SwapTables;
}

/** What is kept of a flow time, once for all layers. */
export interface AddedContext {
  readonly reference?: ReferenceCache;
  readonly swap?: SwapContext;
}

/** A layer's step of 2D tokens [B, T, L, D] → the same. */
export type Step = (x_BTLD: Tensor, context: LayerContext) => Tensor;

/**
 * The additions of one model; none for the paper's.
 * @internal
 */
export class Additions {
  /** Spatially conditioned diffusion. */
  readonly scd?: Scd;
  readonly #swap?: SwapAttention;

  /** `vars` is the model's root. */
  constructor(vars: Vars, config: IsaDitConfig) {
    if (config.identity === "scd") this.scd = new Scd(vars, config);
    if (config.temporal === "swap") this.#swap = new SwapAttention(vars, config);
  }

  /** Layer `index`'s step within latent frames: its `own` block's, and what is added to it. */
  alongSpace(index: number, own: SpatialBlock): Step {
    return this.scd?.alongSpace(index, own) ?? ((x, { time }) => own.forward(x, time));
  }

  /** The same over latent frames. */
  alongTime(index: number, own: TemporalBlock): Step {
    const alone: Step = (x, { shared, rotary }) => own.forward(x, shared, rotary);
    return this.#swap?.alongTime(index, alone) ?? alone;
  }

  /** `reference` is stage one's result where it is there already. */
  encode(
    model: IsaDit,
    conditions: IsaDitConditions,
    { reference }: Pick<AddedEncoding, "reference">,
  ): AddedEncoding {
    return {
      reference: reference ?? this.scd?.extract(model, conditions),
      swap: this.#swap?.tables(conditions.background),
    };
  }

  /** Embedded flow times [B, D] or [B, T, D] → what the added steps read. */
  context(time: Tensor, { reference, swap, rotary }: EncodedConditions): AddedContext {
    return { reference, swap: swap && this.#swap?.context(time, { tables: swap, rotary }) };
  }
}
