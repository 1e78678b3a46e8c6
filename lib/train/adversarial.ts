/**
 * Adversarial losses of VideoVAE: hinge, with the adaptive weight of VQGAN (Esser et al. 2021, eq. 7)
 * and the R1 penalty (Mescheder et al. 2018).
 * @module
 */
import {
  add,
  grad,
  item,
  mean,
  mul,
  neg,
  relu,
  scope,
  sqrt,
  sub,
  sum,
  type Tensor,
} from "../tensor/mod.ts";

/** Hinge loss of a discriminator: ½ E max(0, 1 − D(real)) + ½ E max(0, 1 + D(made)). */
export function hingeLoss(real: Tensor, made: Tensor): Tensor {
  return scope(() => mul(add(mean(relu(sub(1, real))), mean(relu(add(1, made)))), 0.5));
}

/** What the generator minimises: −E D(made). */
export function generatorLoss(made: Tensor): Tensor {
  return scope(() => neg(mean(made)));
}

/** Upper end of the adaptive weight, as in VQGAN. */
const LARGEST_WEIGHT = 1e4;

/**
 * ‖∇ reconstruction‖ / ‖∇ adversarial‖ at the decoder's last layer: with this factor both pull at the
 * decoder alike, however large the discriminator's gradients grow. A number, so that nothing is
 * differentiated through it; the graphs of both losses stay.
 */
export function adaptiveWeight(
  { reconstruction, adversarial, lastLayer, average = (x) => x }: {
    readonly reconstruction: Tensor;
    readonly adversarial: Tensor;
    readonly lastLayer: Tensor;
    /** Mean over all parts of the batch. Default: there is only this one. */
    readonly average?: (x: Tensor) => Tensor;
  },
): number {
  return scope(() => {
    const length = (loss: Tensor): number => {
      const [own] = grad([loss], [lastLayer], { retainGraph: true });
      const gradient = average(own!);
      return item(sqrt(sum(mul(gradient, gradient))));
    };
    const weight = length(reconstruction) / (length(adversarial) + 1e-4);
    return Math.min(LARGEST_WEIGHT, weight);
  });
}

/** E ‖∇ₓ D(x)‖² on real videos [B,…]: keeps the discriminator flat where the data is. */
export function r1Penalty(judge: (video: Tensor) => Tensor, real: Tensor): Tensor {
  return scope(() => {
    const input = mul(real, 1).setRequiresGrad(true);
    const [gradient] = grad([sum(judge(input))], [input], { createGraph: true });
    return mul(sum(mul(gradient!, gradient!)), 1 / real.shape[0]);
  });
}
