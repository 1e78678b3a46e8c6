/**
 * Sampling all views of a grid at once.
 * @module
 */
import {
  type LatentWindow,
  makeScheduler,
  sampleFlow,
  type SampleOptions,
} from "../../diffusion/mod.ts";
import { gridFlow, type IsaDit, type IsaDitConditions } from "../../models/isa_dit/mod.ts";
import {
  add,
  cat,
  expand,
  full,
  generator,
  keep,
  mul,
  narrow,
  randn,
  reshape,
  scope,
  sub,
  type Tensor,
  to,
} from "../../tensor/mod.ts";
import {
  GuidedFlow,
  type GuidedFlowOptions,
  type SampleLatentsOptions,
  WindowedConditions,
  type WindowFlowOptions,
  WindowFlows,
} from "../sampling/mod.ts";
import type { HeldLatents } from "./held_latents.ts";

// V views, C latent channels, T latent frames, h×w latent size, N branches of guidance

/** How a grid is sampled. */
export interface SampleGridOptions extends Omit<SampleLatentsOptions, "ask"> {
  /** Latents that are given. */
  readonly held?: HeldLatents;
}

/**
 * Walks from seeded noise to the latents of all views, [V, C, T, h, w]; view 0's noise is that of a
 * plain generation with the same seed. `conditions` are those of V clips; in windows it is one walk of
 * all of the clip, whose flows are blended where windows overlap.
 *
 * Given latents are put in place before every evaluation and at the end. A model that knows views sees
 * them clean, at flow time 0, as it was trained; another sees them with the noise of the time at hand,
 * since it knows no clips of two times.
 */
export async function sampleGrid(
  model: IsaDit,
  conditions: IsaDitConditions | WindowedConditions,
  options: SampleGridOptions,
): Promise<Tensor> {
  const { seed, flowShift: shift, sampler = "euler", steps, held } = options;
  const windowed = conditions instanceof WindowedConditions ? conditions : undefined;
  const { shape, device } = windowed ?? (conditions as IsaDitConditions).background;
  using noise = viewNoise(shape, { seed, device });
  const times = makeScheduler(sampler, { steps, shift }).timesteps;
  const walk = { ...options, sampler, shift };
  const askOf = (window?: LatentWindow) => askGrid(model, { views: shape[0], held, noise, window });
  const sample = windowed
    ? await inWindows(model, windowed, { ...walk, times, askOf, noise })
    : await whole(model, conditions as IsaDitConditions, { ...walk, times, ask: askOf(), noise });
  if (!held) return sample;
  using sampled = sample;
  return scope(() => add(mul(sampled, sub(1, held.mask)), held.clean));
}

type Walk = SampleOptions & { readonly times: readonly number[]; readonly noise: Tensor };

async function whole(
  model: IsaDit,
  conditions: IsaDitConditions,
  { times, noise, ...options }: Walk & GuidedFlowOptions,
): Promise<Tensor> {
  using flow = new GuidedFlow(model, conditions, options);
  flow.prepare(times);
  return await sampleFlow(noise, (x, t) => flow.at(x, t), options);
}

async function inWindows(
  model: IsaDit,
  conditions: WindowedConditions,
  { noise, ...options }: Walk & WindowFlowOptions,
): Promise<Tensor> {
  using flows = new WindowFlows(model, conditions, options);
  return await sampleFlow(noise, (x, t) => flows.at(x, t), options);
}

/** What is known of all views of a clip, or of one window of it. */
interface Asked {
  readonly views: number;
  readonly held?: HeldLatents;
  /** Of the whole clip. */
  readonly noise: Tensor;
  readonly window?: LatentWindow;
}

/** Asks about all views at once, given latents in their places. */
export function askGrid(
  model: IsaDit,
  { views: V, held, noise, window }: Asked,
): NonNullable<GuidedFlowOptions["ask"]> {
  const here = (x: Tensor) => window ? narrow(x, 2, window.start, window.length) : x;
  return (x, t, encoded) => {
    const N = x.shape[0] / V;
    const ask = (seen: Tensor, times: Tensor) =>
      reshape(
        gridFlow(model, reshape(seen, [N, V, ...x.shape.slice(1)]), times, encoded),
        x.shape,
      );
    const time = full([N, V], t, { device: x.device });
    if (!held) return ask(x, time);
    const { known, mask, times } = placeHeld(
      { clean: here(held.clean), mask: here(held.mask) },
      { noise: here(noise), t, clean: model.views !== undefined },
    );
    const repeated = (part: Tensor) => N === 1 ? part : cat(Array(N).fill(part), 0);
    const seen = add(mul(x, sub(1, repeated(mask))), repeated(known));
    return ask(seen, times ? expand(times, [N, V, times.shape[2]]) : time);
  };
}

/** What the model sees of given latents at flow time `t`, and the times of all latent frames. */
function placeHeld(
  { clean, mask }: HeldLatents,
  at: { readonly noise: Tensor; readonly t: number; readonly clean: boolean },
): { readonly known: Tensor; readonly mask: Tensor; readonly times?: Tensor } {
  if (!at.clean) {
    // What flow matching makes of them with the walk's own noise.
    return { known: add(mul(clean, 1 - at.t), mul(mul(at.noise, mask), at.t)), mask };
  }
  const [V, , T] = mask.shape;
  return { known: clean, mask, times: mul(sub(1, reshape(mask, [1, V, T])), at.t) };
}

/** Views' noise one after the other from one stream. */
function viewNoise(
  [V, ...rest]: readonly number[],
  { seed, device }: { readonly seed: number; readonly device: Tensor["device"] },
): Tensor {
  return scope(() => {
    using random = generator(seed, "cpu");
    const views = Array.from({ length: V }, () => randn([1, ...rest], { generator: random }));
    return keep(to(cat(views, 0), { device }));
  });
}
