/**
 * Sampling all views of a grid at once.
 * @module
 */
import { makeScheduler, sampleFlow, type SavedState } from "../../diffusion/mod.ts";
import { gridFlow, type IsaDit, type IsaDitConditions } from "../../models/isa_dit/mod.ts";
import {
  add,
  cat,
  expand,
  full,
  generator,
  keep,
  mul,
  randn,
  reshape,
  scope,
  sub,
  type Tensor,
  to,
} from "../../tensor/mod.ts";
import { GuidedFlow } from "../guided_flow.ts";
import type { SampleLatentsOptions } from "../sample.ts";
import type { HeldLatents } from "./conditions.ts";

// V views, C latent channels, T latent frames, h×w latent size, N branches of guidance

/** How a grid is sampled. */
export interface SampleGridOptions extends Omit<SampleLatentsOptions, "onWindow" | "ask"> {
  /** Latents that are given. */
  readonly held?: HeldLatents;
  readonly from?: SavedState;
}

/**
 * Walks from seeded noise to the latents of all views, [V, C, T, h, w]; view 0's noise is that of a
 * plain generation with the same seed. `conditions` are those of V clips.
 *
 * Given latents are put in place before every evaluation and at the end. A model that knows views sees
 * them clean, at flow time 0, as it was trained; another sees them with the noise of the time at hand,
 * since it knows no clips of two times.
 */
export async function sampleGrid(
  model: IsaDit,
  conditions: IsaDitConditions,
  options: SampleGridOptions,
): Promise<Tensor> {
  const { seed, flowShift: shift, sampler = "euler", steps, held } = options;
  const { shape, device } = conditions.background;
  using noise = viewNoise(shape, { seed, device });
  const ask = (x: Tensor, t: number, encoded: Parameters<IsaDit["forward"]>[2]): Tensor => {
    const [V, ...rest] = shape;
    const grid = [x.shape[0] / V, V];
    const time = full(grid, t, { device });
    if (!held) {
      return reshape(gridFlow(model, reshape(x, [...grid, ...rest]), time, encoded), x.shape);
    }
    const { known, times } = placeHeld(held, { noise, t, clean: model.views !== undefined });
    const branches = x.shape[0] / V;
    const repeated = (part: Tensor) => branches === 1 ? part : cat(Array(branches).fill(part), 0);
    const seen = add(mul(x, sub(1, repeated(held.mask))), repeated(known));
    const flow = gridFlow(
      model,
      reshape(seen, [...grid, ...rest]),
      times ? expand(times, [...grid, times.shape[2]]) : time,
      encoded,
    );
    return reshape(flow, x.shape);
  };
  using flow = new GuidedFlow(model, () => conditions, { ...options, ask });
  flow.prepare(makeScheduler(sampler, { steps, shift }).timesteps);
  const walk = { ...options, sampler, shift };
  const sample = await sampleFlow(noise, (x, t) => flow.at(x, t), walk);
  if (!held) return sample;
  using sampled = sample;
  return scope(() => add(mul(sampled, sub(1, held.mask)), held.clean));
}

/** What the model sees of given latents at flow time `t`, and the times of all latent frames. */
function placeHeld(
  { clean, mask }: HeldLatents,
  at: { readonly noise: Tensor; readonly t: number; readonly clean: boolean },
): { readonly known: Tensor; readonly times?: Tensor } {
  if (!at.clean) {
    // What flow matching makes of them with the walk's own noise.
    return { known: add(mul(clean, 1 - at.t), mul(mul(at.noise, mask), at.t)) };
  }
  const [V, , T] = mask.shape;
  return { known: clean, times: mul(sub(1, reshape(mask, [1, V, T])), at.t) };
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
