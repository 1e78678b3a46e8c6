import { TimestepEmbedder, timestepEmbedding, type Vars } from "../../nn/mod.ts";
import { mul, reshape, type Tensor } from "../../tensor/mod.ts";

/** Channels of the sinusoidal time embedding (SD3). */
const TIME_CHANNELS = 256;

/**
 * SD3's embedding of flow times.
 * @internal
 */
export class FlowTime {
  readonly #embedder: TimestepEmbedder;
  readonly #width: number;

  constructor(vars: Vars, width: number) {
    this.#embedder = new TimestepEmbedder(vars, TIME_CHANNELS, width);
    this.#width = width;
  }

  /** Flow times in 0..1 of any shape → [..., D]. */
  forward(t: Tensor): Tensor {
    const waves = timestepEmbedding(mul(reshape(t, [-1]), 1000), TIME_CHANNELS);
    return reshape(this.#embedder.forward(waves), [...t.shape, this.#width]);
  }
}
