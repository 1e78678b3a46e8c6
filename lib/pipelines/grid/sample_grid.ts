/**
 * Sampling all views of a grid at once.
 * @module
 */
import type { LatentWindow } from "../../diffusion/mod.ts";
import { gridFlow, type IsaDit } from "../../models/isa_dit/mod.ts";
import {
  add,
  cat,
  expand,
  full,
  mul,
  narrow,
  reshape,
  scope,
  sub,
  type Tensor,
} from "../../tensor/mod.ts";
import {
  type ClipOrWindows,
  type GuidedFlowOptions,
  latentsUnder,
  sampleLatents,
  type SampleLatentsOptions,
} from "../sampling/mod.ts";
import type { HeldLatents } from "./held_latents.ts";

// V views, C latent channels, T latent frames, h×w latent size, N branches of guidance

/** How a grid is sampled. */
export interface SampleGridOptions extends Omit<SampleLatentsOptions, "askOf"> {
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
  conditions: ClipOrWindows,
  { held, ...options }: SampleGridOptions,
): Promise<Tensor> {
  const [views] = latentsUnder(conditions).shape;
  const sample = await sampleLatents(model, conditions, {
    ...options,
    askOf: (noise, window) => askGrid(model, { views, held, noise, window }),
  });
  if (!held) return sample;
  using sampled = sample;
  return scope(() => add(mul(sampled, sub(1, held.mask)), held.clean));
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
