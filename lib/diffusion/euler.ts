import { ConfigError } from "../errors.ts";
import { add, mul, type Tensor } from "../tensor/mod.ts";
import { shiftTime } from "./flow_matching.ts";

/**
 * Euler steps along the predicted flow, from noise (t = 1) to data (t = 0); diffusers'
 * FlowMatchEulerDiscreteScheduler with a static shift.
 */
export class EulerScheduler {
  readonly #shift: number;
  #times: readonly number[] = [];

  constructor(options: { shift?: number } = {}) {
    this.#shift = options.shift ?? 1;
    if (!(this.#shift > 0)) {
      throw new ConfigError(`flow shift ${this.#shift} must be above 0 (1 leaves time as it is)`);
    }
  }

  /** Lays `steps` steps from t = 1 to t = 0, shifted. */
  setTimesteps(steps: number): void {
    if (!Number.isInteger(steps) || steps < 1) {
      throw new ConfigError(`${steps} sampling steps; at least 1 is needed`);
    }
    this.#times = Array.from(
      { length: steps + 1 },
      (_, i) => shiftTime(1 - i / steps, this.#shift),
    );
  }

  /** Flow times at which the model is asked, one a step, falling. */
  get timesteps(): readonly number[] {
    return this.#times.slice(0, -1);
  }

  /** Step `index`: sample at timesteps[index] and the flow there → sample at the next time. */
  step(flow: Tensor, index: number, sample: Tensor): Tensor {
    return add(sample, mul(flow, this.#times[index + 1] - this.#times[index]));
  }
}
