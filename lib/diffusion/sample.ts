import { keep, scope, type Tensor } from "../tensor/mod.ts";
import { EulerScheduler } from "./euler.ts";

/** One finished sampling step. */
export interface SamplingStep {
  readonly step: number;
  readonly of: number;
  readonly elapsedMs: number;
}

/** How to walk from noise to data. */
export interface SampleOptions {
  readonly steps: number;
  /** Flow shift; 1 leaves time as it is. */
  readonly shift?: number;
  readonly onStep?: (step: SamplingStep) => void;
  /** Stops between two steps; the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Integrates the flow from `noise` (kept by the caller) at t = 1 to data at t = 0.
 *
 * `flow(sample, t)` gives the guided flow; it runs inside a scope. Yields to the event loop once a
 * step, so that signals, progress and broken pipes are seen.
 */
export async function sampleFlow(
  noise: Tensor,
  flow: (sample: Tensor, t: number) => Tensor,
  options: SampleOptions,
): Promise<Tensor> {
  const scheduler = new EulerScheduler({ shift: options.shift });
  scheduler.setTimesteps(options.steps);
  const started = performance.now();
  let sample = noise;
  try {
    for (const [index, t] of scheduler.timesteps.entries()) {
      options.signal?.throwIfAborted();
      const next = scope(() => keep(scheduler.step(flow(sample, t), index, sample)));
      if (sample !== noise) sample.dispose();
      sample = next;
      const elapsedMs = performance.now() - started;
      options.onStep?.({ step: index + 1, of: options.steps, elapsedMs });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  } catch (error) {
    if (sample !== noise) sample.dispose();
    throw error;
  }
  return sample;
}
