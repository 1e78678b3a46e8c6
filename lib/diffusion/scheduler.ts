import { ConfigError } from "../errors.ts";
import type { Tensor } from "../tensor/mod.ts";
import { shiftTime } from "./flow_matching.ts";

/** A sample on its way from noise to data, and what its scheduler remembers of the steps before. */
export interface SamplerState {
  /** Latents, [B, C, T, h, w]. */
  readonly sample: Tensor;
  /** In the scheduler's own order; empty before the first step. */
  readonly history: readonly Tensor[];
}

/**
 * A way to integrate the predicted flow from noise (t = 1) to data (t = 0). It holds no state: all
 * that a step needs is handed in and out, so that a walk can be saved and gone on with anywhere.
 */
export interface Scheduler {
  /** Flow times at which the model is asked, one an evaluation, never rising. */
  readonly timesteps: readonly number[];
  /**
   * Takes the flow at `timesteps[index]` and `state.sample` → the state at which the model is asked
   * next, after the last one the data. Results may share memory with what was handed in.
   */
  step(flow: Tensor, index: number, state: SamplerState): SamplerState;
}

/** What every scheduler is laid out by. */
export interface ScheduleOptions {
  /** Steps from noise to data. */
  readonly steps: number;
  /** Flow shift; 1 leaves time as it is. */
  readonly shift?: number;
}

/**
 * The times between `steps` steps, shifted: from 1 to 0, one more than steps. All samplers share
 * them; diffusers' grids differ a little from sampler to sampler.
 */
export function scheduleTimes({ steps, shift = 1 }: ScheduleOptions): number[] {
  if (!(shift > 0)) {
    throw new ConfigError(`flow shift ${shift} must be above 0 (1 leaves time as it is)`);
  }
  if (!Number.isInteger(steps) || steps < 1) {
    throw new ConfigError(`${steps} sampling steps; at least 1 is needed`);
  }
  return Array.from({ length: steps + 1 }, (_, i) => shiftTime(1 - i / steps, shift));
}
