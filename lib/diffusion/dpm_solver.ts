import type { Tensor } from "../tensor/mod.ts";
import { combine, logSnr, predictedData, timesBelowOne } from "./log_snr.ts";
import type { SamplerState, ScheduleOptions, Scheduler } from "./scheduler.ts";

/**
 * DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): second order from the predicted data of this step
 * and of the one before, one evaluation a step; diffusers' DPMSolverMultistepScheduler with
 * prediction_type "flow_prediction". The first and the last step are of first order.
 * History: the predicted data of the step before.
 */
export class DpmSolverScheduler implements Scheduler {
  /** See {@linkcode Scheduler}. */
  readonly timesteps: readonly number[];
  readonly #times: readonly number[];

  /** Throws {@linkcode ConfigError} for steps or a shift that make no sense. */
  constructor(options: ScheduleOptions) {
    this.#times = timesBelowOne(options);
    this.timesteps = this.#times.slice(0, -1);
  }

  /** See {@linkcode Scheduler}. */
  step(flow: Tensor, index: number, { sample, history }: SamplerState): SamplerState {
    const [from, to] = [this.#times[index], this.#times[index + 1]];
    const data = predictedData(sample, flow, from);
    const h = logSnr(to) - logSnr(from);
    const pull = -(1 - to) * Math.expm1(-h);
    const last = index === this.timesteps.length - 1;
    if (index === 0 || last) {
      return { sample: combine([to / from, sample], [pull, data]), history: last ? [] : [data] };
    }
    const r = (logSnr(from) - logSnr(this.#times[index - 1])) / h;
    const slope = pull / (2 * r);
    return {
      sample: combine([to / from, sample], [pull + slope, data], [-slope, history[0]]),
      history: [data],
    };
  }
}
