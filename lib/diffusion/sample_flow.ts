import { predictedData } from "./log_snr.ts";
import { clone, keep, scope, synchronize, type Tensor } from "../tensor/mod.ts";
import { makeScheduler, type Sampler } from "./samplers.ts";
import type { SamplerState, ScheduleOptions, Scheduler } from "./scheduler.ts";

/** One finished sampling step: an evaluation of the model. */
export interface SamplingStep {
  readonly step: number;
  readonly of: number;
  readonly elapsedMs: number;
}

/** How to walk from noise to data. */
export interface SampleOptions extends ScheduleOptions {
  /** Default "euler". */
  readonly sampler?: Sampler;
  /** Goes on from a state that `onState` was given, after so many evaluations. */
  readonly from?: SavedState;
  /** Told after each evaluation; it has the state on loan, until its promise resolves. */
  readonly onState?: (saved: SavedState) => Promise<void>;
  /**
   * Told after each evaluation what it takes the data to be, [B, C, T, h, w]; it has them on loan, until
   * its promise resolves.
   */
  readonly onEstimate?: (data: Tensor, step: SamplingStep) => Promise<void>;
  readonly onStep?: (step: SamplingStep) => void;
  /** Stops between two steps; the reason is thrown. */
  readonly signal?: AbortSignal;
}

/** A walk that was left after `done` evaluations. */
export interface SavedState {
  readonly done: number;
  readonly state: SamplerState;
}

/**
 * Integrates the flow from `noise` (kept by the caller) at t = 1 to data at t = 0.
 *
 * `flow(sample, t)` gives the guided flow; what it makes at once, before any promise, lies inside a
 * scope, and what a promise brings is freed here. Yields to the event loop once a step, so that
 * signals, progress and broken pipes are seen.
 */
export async function sampleFlow(
  noise: Tensor,
  flow: (sample: Tensor, t: number) => Tensor | Promise<Tensor>,
  options: SampleOptions,
): Promise<Tensor> {
  const { sampler = "euler", from, onState, onEstimate, onStep, signal } = options;
  const scheduler = makeScheduler(sampler, options);
  const of = scheduler.timesteps.length;
  const started = performance.now();
  const borrowed = from ? from.state : { sample: noise, history: [] };
  let state: SamplerState = borrowed;
  const release = (next: SamplerState): void => {
    const kept = new Set([borrowed, next].flatMap(tensorsOf));
    for (const tensor of tensorsOf(state)) if (!kept.has(tensor)) tensor.dispose();
    state = next;
  };
  try {
    for (let index = from?.done ?? 0; index < of; index++) {
      signal?.throwIfAborted();
      const estimates = onEstimate !== undefined;
      const { next, estimate } = await take(flow, { scheduler, index, state, estimates });
      release(next);
      // The one wait of a step: CUDA's queue would else run far ahead of progress and of signals.
      synchronize(next.sample.device);
      const step = { step: index + 1, of, elapsedMs: performance.now() - started };
      onStep?.(step);
      if (estimate) {
        using data = estimate;
        await onEstimate?.(data, step);
      }
      await onState?.({ done: index + 1, state });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  } catch (error) {
    release(borrowed);
    throw error;
  }
  return state === borrowed ? clone(state.sample) : state.sample;
}

interface Step {
  /** Whether the predicted data are wanted too. */
  readonly estimates: boolean;
  readonly scheduler: Scheduler;
  readonly index: number;
  readonly state: SamplerState;
}

/** Where a step leads. */
interface Taken {
  readonly next: SamplerState;
  readonly estimate?: Tensor;
}

/** One step; what it makes and gives back is kept, all else freed. */
async function take(
  flow: (sample: Tensor, t: number) => Tensor | Promise<Tensor>,
  { scheduler, index, state, estimates }: Step,
): Promise<Taken> {
  const t = scheduler.timesteps[index];
  const onwards = (predicted: Tensor): Taken => {
    const next = scheduler.step(predicted, index, state);
    for (const tensor of tensorsOf(next)) if (!tensorsOf(state).includes(tensor)) keep(tensor);
    const estimate = estimates ? keep(predictedData(state.sample, predicted, t)) : undefined;
    return { next, estimate };
  };
  // In a record, since a scope takes no promise: what a promise brings is not the scope's to free.
  const { made, promised } = scope((): { made?: Taken; promised?: Promise<Tensor> } => {
    const given = flow(state.sample, t);
    return given instanceof Promise ? { promised: given } : { made: onwards(given) };
  });
  if (made) return made;
  const predicted = await promised!;
  const taken = scope(() => onwards(predicted));
  if (!tensorsOf(taken.next).includes(predicted)) predicted.dispose();
  return taken;
}

function tensorsOf({ sample, history }: SamplerState): Tensor[] {
  return [sample, ...history];
}
