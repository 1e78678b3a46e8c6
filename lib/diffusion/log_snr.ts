/**
 * Half the logarithm of the signal-to-noise ratio: the time in which the exponential integrators
 * (DPM-Solver, UniPC) take their steps. On flow matching's path α = 1 − t and σ = t.
 * @module
 */
import { add, mul, sub, type Tensor } from "../tensor/mod.ts";
import { type ScheduleOptions, scheduleTimes } from "./scheduler.ts";

/** How far below 1 the first time is taken: at 1 there is no signal and its logarithm is −∞. */
const FIRST_TIME_GAP = 1e-6;

/** {@linkcode scheduleTimes} with the first time just below 1, as diffusers' UniPC does. */
export function timesBelowOne(options: ScheduleOptions): number[] {
  return scheduleTimes(options).map((t) => Math.min(t, 1 - FIRST_TIME_GAP));
}

/** λ = log(α/σ) at flow time `t`; ∞ at 0. */
export function logSnr(t: number): number {
  return Math.log1p(-t) - Math.log(t);
}

/** The data that the flow at `sample` points to: x₀ = z_t − t·(ε − x₀). */
export function predictedData(sample: Tensor, flow: Tensor, t: number): Tensor {
  return sub(sample, mul(flow, t));
}

/** Σ factor·tensor. */
export function combine(...terms: readonly (readonly [number, Tensor])[]): Tensor {
  const [first, ...rest] = terms.filter(([factor]) => factor !== 0);
  return rest.reduce(
    (sum, [factor, tensor]) => add(sum, mul(tensor, factor)),
    mul(first[1], first[0]),
  );
}
