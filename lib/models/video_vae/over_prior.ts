// N pictures, K planes of the prior, H W picture size

/**
 * Pictures that are painted bodies and what a latent says beside them.
 * @module
 */
import { PACKED_PLANES } from "../../prior/mod.ts";
import { add, full, mul, narrow, scope, type Tensor } from "../../tensor/mod.ts";
import type { VideoVae } from "./model.ts";

/** What is known of pictures. */
export interface OverPriorInputs {
  /** `PRIOR_PLANES` of the prior, [N, K, H, W]. */
  readonly planes: Tensor;
  /** What the latent decodes to beyond what the prior's own does, [N, 3, H, W]; absent: nothing. */
  readonly guess?: Tensor;
  /** Flow time at which sampling ended: 1 where nothing was sampled. */
  readonly t: number;
}

/**
 * Pictures in about −1..1, [N, 3, H, W]: by the decoder that knows the prior where there is one, else
 * the prior and the guess, near the bodies. Elsewhere the prior, untouched.
 */
export function overPrior(
  vae: Pick<VideoVae, "priorDecoder">,
  { planes, guess, t }: OverPriorInputs,
): Tensor {
  const { shape: [N], device } = planes;
  return scope(() => {
    if (vae.priorDecoder) {
      return vae.priorDecoder.forward({ planes, guess, t: full([N], t, { device }) });
    }
    const painted = narrow(planes, 1, 0, 3);
    if (!guess) return mul(painted, 1);
    return add(painted, mul(guess, narrow(planes, 1, PACKED_PLANES - 1, 1)));
  });
}
