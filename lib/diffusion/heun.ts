import { add, mul, type Tensor } from "../tensor/mod.ts";
import {
  type SamplerState,
  type ScheduleOptions,
  type Scheduler,
  scheduleTimes,
} from "./scheduler.ts";

/**
 * Heun's method, second order: an Euler step tries where the flow leads, then the mean of the flows at
 * both ends takes the step. Every step but the last asks the model twice, so `steps` steps are
 * 2·steps − 1 evaluations; the last one, to t = 0, is an Euler step. diffusers'
 * FlowMatchHeunDiscreteScheduler. History: the flow and the sample at the step's beginning.
 */
export class HeunScheduler implements Scheduler {
  /** See {@linkcode Scheduler}; every time but the first comes twice. */
  readonly timesteps: readonly number[];
  readonly #times: readonly number[];

  /** Throws {@linkcode ConfigError} for steps or a shift that make no sense. */
  constructor(options: ScheduleOptions) {
    this.#times = scheduleTimes(options);
    const inner = this.#times.slice(1, -1).flatMap((t) => [t, t]);
    this.timesteps = [this.#times[0], ...inner];
  }

  /** See {@linkcode Scheduler}. */
  step(flow: Tensor, index: number, { sample, history }: SamplerState): SamplerState {
    const from = Math.floor(index / 2);
    const dt = this.#times[from + 1] - this.#times[from];
    if (index % 2 === 0) {
      const tried = add(sample, mul(flow, dt));
      const last = index === this.timesteps.length - 1;
      return { sample: tried, history: last ? [] : [flow, sample] };
    }
    const [flowBefore, sampleBefore] = history;
    const mean = mul(add(flowBefore, flow), 0.5);
    return { sample: add(sampleBefore, mul(mean, dt)), history: [] };
  }
}
