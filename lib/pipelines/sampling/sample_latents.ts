/**
 * Sampling latents under conditions, with guidance.
 * @module
 */
import {
  makeScheduler,
  sampleFlow,
  type Sampler,
  type SamplingStep,
  type SavedState,
} from "../../diffusion/mod.ts";
import type { IsaDit, IsaDitConditions } from "../../models/isa_dit/mod.ts";
import { generator, keep, randn, scope, type Tensor, to } from "../../tensor/mod.ts";
import { GuidedFlow, type GuidedFlowOptions } from "./guided_flow.ts";
import { WindowFlows } from "./window_flows.ts";
import { WindowedConditions } from "./windowed_conditions.ts";

/** How latents are sampled. */
export interface SampleLatentsOptions extends GuidedFlowOptions {
  readonly steps: number;
  readonly flowShift: number;
  /** Default "euler". */
  readonly sampler?: Sampler;
  readonly seed: number;
  /** Goes on from a state that `onState` was given; the caller frees it. */
  readonly from?: SavedState;
  /** Told after each step; it has the state on loan, until its promise resolves. */
  readonly onState?: (saved: SavedState) => Promise<void>;
  readonly onStep?: (step: SamplingStep) => void;
  /** Told after each window of a clip in windows: how many of all steps' windows are done. */
  readonly onWindow?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Walks from seeded noise to latents [1, C, T, h, w]. The noise is drawn on the CPU, so that one seed
 * means the same noise on every device. The unconditional branch of guidance lacks reference and body
 * together and keeps camera and background. A clip in windows is one walk: at every step
 * each window's flow is asked for, and the flows are blended where windows overlap.
 */
export async function sampleLatents(
  model: IsaDit,
  conditions: IsaDitConditions | WindowedConditions,
  options: SampleLatentsOptions,
): Promise<Tensor> {
  const { seed, flowShift: shift, sampler = "euler" } = options;
  const windowed = conditions instanceof WindowedConditions ? conditions : undefined;
  const { device, shape } = windowed ?? (conditions as IsaDitConditions).background;
  using noise = seededNoise(shape, { seed, device });
  const times = makeScheduler(sampler, { steps: options.steps, shift }).timesteps;
  const walk = { ...options, sampler, shift };
  if (windowed) {
    using flows = new WindowFlows(model, windowed, { ...options, times });
    return await sampleFlow(noise, (x, t) => flows.at(x, t), walk);
  }
  using flow = new GuidedFlow(model, conditions as IsaDitConditions, options);
  flow.prepare(times);
  return await sampleFlow(noise, (x, t) => flow.at(x, t), walk);
}

function seededNoise(
  shape: readonly number[],
  { seed, device }: { readonly seed: number; readonly device: Tensor["device"] },
): Tensor {
  return scope(() => {
    using random = generator(seed, "cpu");
    return keep(to(randn([...shape], { generator: random }), { device }));
  });
}
