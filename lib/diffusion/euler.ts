import { add, mul, type Tensor } from "../tensor/mod.ts";
import {
  type SamplerState,
  type ScheduleOptions,
  type Scheduler,
  scheduleTimes,
} from "./scheduler.ts";

/**
 * Straight steps along the predicted flow: first order, one evaluation a step; diffusers'
 * FlowMatchEulerDiscreteScheduler with a static shift.
 */
export class EulerScheduler implements Scheduler {
  /** See {@linkcode Scheduler}. */
  readonly timesteps: readonly number[];
  readonly #times: readonly number[];

  /** Throws {@linkcode ConfigError} for steps or a shift that make no sense. */
  constructor(options: ScheduleOptions) {
    this.#times = scheduleTimes(options);
    this.timesteps = this.#times.slice(0, -1);
  }

  /** See {@linkcode Scheduler}. */
  step(flow: Tensor, index: number, { sample }: SamplerState): SamplerState {
    const dt = this.#times[index + 1] - this.#times[index];
    return { sample: add(sample, mul(flow, dt)), history: [] };
  }
}
