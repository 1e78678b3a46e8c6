import {
  add,
  exp,
  type Generator,
  mean,
  mul,
  randn,
  scope,
  sub,
  type Tensor,
} from "../../tensor/mod.ts";

/** The encoder's diagonal Gaussian over latents [B,C,T,h,w], before shift and scale. */
export interface Posterior {
  /** Its mean and mode. */
  readonly mean: Tensor;
  /** Log variance, kept within −30 … 20 as in SD3's VAE. */
  readonly logvar: Tensor;
}

/** A draw, differentiable in mean and variance. */
export function samplePosterior({ mean, logvar }: Posterior, generator: Generator): Tensor {
  return scope(() => {
    const { shape, dtype, device } = mean;
    const noise = randn([...shape], { generator, dtype, device });
    return add(mean, mul(exp(mul(logvar, 0.5)), noise));
  });
}

/** KL divergence to the unit Gaussian: scalar, mean over all latent values, in nats. */
export function klDivergence({ mean: mu, logvar }: Posterior): Tensor {
  return scope(() => {
    const inner = sub(add(mul(mu, mu), exp(logvar)), add(logvar, 1));
    return mul(mean(inner), 0.5);
  });
}
