import {
  add,
  type Device,
  div,
  type Generator,
  mul,
  randn,
  reshape,
  sigmoid,
  sub,
  type Tensor,
} from "../tensor/mod.ts";

/** SD3's time shift: moves time towards noise for larger pictures (Esser et al. 2024, eq. 23). */
export function shiftTime(t: number, shift: number): number {
  return shift * t / (1 + (shift - 1) * t);
}

/**
 * Flow times for training, [batch] in 0..1: logit-normal (mean 0, deviation 1), then shifted.
 */
export function sampleFlowTimes(
  batch: number,
  options: { shift: number; generator: Generator; device?: Device },
): Tensor {
  const { shift, generator, device } = options;
  const t = sigmoid(randn([batch], { generator, device }));
  // The same formula as shiftTime, on a tensor.
  return div(mul(t, shift), add(mul(t, shift - 1), 1));
}

/** z_t = (1 − t)·z₀ + t·ε (flow matching as in SD3). `t` is [B], the rest [B, ...] alike. */
export function addNoise(clean: Tensor, noise: Tensor, t: Tensor): Tensor {
  const t_B = reshape(t, [t.shape[0], ...clean.shape.slice(1).map(() => 1)]);
  return add(clean, mul(sub(noise, clean), t_B));
}

/** What the net learns to predict: the flow ε − z₀. */
export function flowTarget(clean: Tensor, noise: Tensor): Tensor {
  return sub(noise, clean);
}
