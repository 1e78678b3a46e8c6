/**
 * Sampling latents under conditions, with guidance.
 * @module
 */
import {
  type LatentWindow,
  makeScheduler,
  sampleFlow,
  type Sampler,
  type SamplingStep,
  type SavedState,
} from "../../diffusion/mod.ts";
import type { IsaDit } from "../../models/isa_dit/mod.ts";
import { cat, generator, keep, randn, scope, type Tensor, to } from "../../tensor/mod.ts";
import { type ClipOrWindows, latentsUnder } from "./encode_conditions.ts";
import { GuidedFlow, type GuidedFlowOptions } from "./guided_flow.ts";
import { WindowFlows } from "./window_flows.ts";
import { WindowedConditions } from "./windowed_conditions.ts";

/** How latents are sampled. */
export interface SampleLatentsOptions extends Omit<GuidedFlowOptions, "ask"> {
  readonly steps: number;
  readonly flowShift: number;
  /** Default "euler". */
  readonly sampler?: Sampler;
  readonly seed: number;
  /** How the model is asked about the clip, or about a window of it, if not as by itself. */
  readonly askOf?: (noise: Tensor, window?: LatentWindow) => GuidedFlowOptions["ask"];
  /** Goes on from a state that `onState` was given; the caller frees it. */
  readonly from?: SavedState;
  /** Told after each step; it has the state on loan, until its promise resolves. */
  readonly onState?: (saved: SavedState) => Promise<void>;
  /** Told after each step what it takes the latents to be; it has them on loan, as of `onState`. */
  readonly onEstimate?: (latents: Tensor, step: SamplingStep) => Promise<void>;
  readonly onStep?: (step: SamplingStep) => void;
  /** Told after each window of a clip in windows: how many of all steps' windows are done. */
  readonly onWindow?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Walks from seeded noise to latents [1, C, T, h, w]. The noise is drawn on the CPU, so that one seed
 * means the same noise on every device. The unconditional branch of guidance lacks reference and body
 * together and keeps camera and background. A clip in windows is one walk: at every step
 * each window's flow is asked for, and the flows are blended where windows overlap. Clips of a batch are
 * the views of one scene; the first one's noise is that of a clip alone.
 */
export async function sampleLatents(
  model: IsaDit,
  conditions: ClipOrWindows,
  options: SampleLatentsOptions,
): Promise<Tensor> {
  const { seed, steps, flowShift: shift, sampler = "euler" } = options;
  const { device, shape } = latentsUnder(conditions);
  using noise = seededNoise(shape, { seed, device });
  const times = makeScheduler(sampler, { steps, shift }).timesteps;
  using flow = flowUnder(model, conditions, { ...options, times, noise });
  return await sampleFlow(noise, (x, t) => flow.at(x, t), { ...options, sampler, shift });
}

/** Of the whole clip, or of all its windows. */
function flowUnder(
  model: IsaDit,
  conditions: ClipOrWindows,
  { times, noise, askOf, ...options }: SampleLatentsOptions & {
    readonly times: readonly number[];
    readonly noise: Tensor;
  },
): GuidedFlow | WindowFlows {
  if (conditions instanceof WindowedConditions) {
    const ask = askOf && ((window: LatentWindow) => askOf(noise, window));
    return new WindowFlows(model, conditions, { ...options, times, askOf: ask });
  }
  const flow = new GuidedFlow(model, conditions, { ...options, ask: askOf?.(noise) });
  flow.prepare(times);
  return flow;
}

/** The clips' noise, one after the other from one stream. */
function seededNoise(
  [clips, ...rest]: readonly number[],
  { seed, device }: { readonly seed: number; readonly device: Tensor["device"] },
): Tensor {
  return scope(() => {
    using random = generator(seed, "cpu");
    const each = Array.from({ length: clips }, () => randn([1, ...rest], { generator: random }));
    return keep(to(cat(each, 0), { device }));
  });
}
