import type { Tensor } from "../tensor/mod.ts";
import { combine, logSnr, predictedData, timesBelowOne } from "./log_snr.ts";
import type { SamplerState, ScheduleOptions, Scheduler } from "./scheduler.ts";

/**
 * UniPC of order 2 with B₂(h) (Zhao et al. 2023): a multistep predictor, and a corrector that takes
 * the step again once the model has been asked at its end, at no further evaluation; diffusers'
 * UniPCMultistepScheduler with solver_type "bh2" and prediction_type "flow_prediction".
 * History: the sample at the last step's beginning, then predicted data, newest first.
 */
export class UniPcScheduler implements Scheduler {
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
    const data = predictedData(sample, flow, this.#times[index]);
    const [before, ...known] = history;
    const corrected = index === 0 ? sample : this.#correct(data, index, { before, known });
    const predicted = this.#predict(corrected, index, [data, ...known]);
    if (index === this.timesteps.length - 1) return { sample: predicted, history: [] };
    return { sample: predicted, history: [corrected, data, ...known.slice(0, 1)] };
  }

  /** Step `index` from `sample`; `known` is predicted data, newest first. */
  #predict(sample: Tensor, index: number, [data, older]: readonly Tensor[]): Tensor {
    const { keep, pull, r } = this.#terms(index);
    if (this.#order(index) === 1) return combine([keep, sample], [pull, data]);
    const slope = pull / (2 * r);
    return combine([keep, sample], [pull - slope, data], [slope, older]);
  }

  /** Step `index − 1` taken again, now that the data predicted at its end is known. */
  #correct(
    end: Tensor,
    index: number,
    { before, known: [data, older] }: { readonly before: Tensor; readonly known: Tensor[] },
  ): Tensor {
    const { keep, pull, r, b1, b2 } = this.#terms(index - 1);
    if (this.#order(index - 1) === 1) {
      return combine([keep, before], [pull / 2, data], [pull / 2, end]);
    }
    // ρ solves [[1, 1], [r, 1]] ρ = [b1, b2].
    const rho = (b2 - b1) / (r - 1);
    const [toEnd, toOlder] = [pull * (b1 - rho), pull * rho / r];
    return combine([keep, before], [pull - toEnd - toOlder, data], [toOlder, older], [toEnd, end]);
  }

  /** Scalars of step `index`; r is the step before it in units of this one, negative. */
  #terms(index: number): { keep: number; pull: number; r: number; b1: number; b2: number } {
    const [from, to] = [this.#times[index], this.#times[index + 1]];
    const h = logSnr(to) - logSnr(from);
    const r = index === 0 ? NaN : (logSnr(this.#times[index - 1]) - logSnr(from)) / h;
    const growth = Math.expm1(-h);
    const phi1 = growth / -h - 1;
    const phi2 = phi1 / -h - 1 / 2;
    return {
      keep: to / from,
      pull: -(1 - to) * growth,
      r,
      b1: phi1 / growth,
      b2: 2 * phi2 / growth,
    };
  }

  /** Lower at the beginning, where nothing is known yet, and at the end, for stability. */
  #order(index: number): 1 | 2 {
    return index === 0 || index === this.timesteps.length - 1 ? 1 : 2;
  }
}
