/**
 * One flow out of many windows' flows.
 * @module
 */
import type { LatentWindow } from "../../diffusion/mod.ts";
import type { IsaDit } from "../../models/isa_dit/mod.ts";
import {
  add_,
  keep,
  mul,
  narrow,
  noGrad,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../tensor/mod.ts";
import { FlowCache } from "./flow_cache.ts";
import { GuidedFlow, type GuidedFlowOptions } from "./guided_flow.ts";
import { SharedReference } from "./shared_reference.ts";
import type { WindowedConditions } from "./windowed_conditions.ts";

/** How windows are worked on. */
export interface WindowFlowOptions extends Omit<GuidedFlowOptions, "ask"> {
  /** How the model is asked about a window, if not as by itself. */
  readonly askOf?: (window: LatentWindow) => GuidedFlowOptions["ask"];
  /** Flow times at which there will be questions. */
  readonly times: readonly number[];
  readonly onWindow?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** Asks window by window and blends in latent space. Free it after use. */
export class WindowFlows {
  readonly #model: IsaDit;
  readonly #clip: WindowedConditions;
  readonly #options: WindowFlowOptions;
  readonly #reference: SharedReference;
  /** One a window; they hold something only where that was asked for. */
  readonly #caches: readonly FlowCache[];
  #done = 0;

  constructor(model: IsaDit, clip: WindowedConditions, options: WindowFlowOptions) {
    this.#model = model;
    this.#clip = clip;
    this.#options = options;
    this.#reference = new SharedReference(model);
    this.#caches = clip.windows.map(() => new FlowCache(options));
  }

  /** Guided flow at the whole clip's `x` [B, C, T, h, w], B as the conditions have it, and flow time `t`; the caller frees it. */
  async at(x: Tensor, t: number): Promise<Tensor> {
    const { windows } = this.#clip;
    const { times, onWindow, signal } = this.#options;
    // Made before the first promise, it would else go with the caller's scope.
    const flow = keep(zeros(x.shape, { device: x.device }));
    try {
      for (const index of windows.keys()) {
        signal?.throwIfAborted();
        this.#add(flow, index, { x, t });
        onWindow?.(++this.#done, windows.length * times.length);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } catch (error) {
      flow.dispose();
      throw error;
    }
    return flow;
  }

  /** Adds one window's share. */
  #add(flow: Tensor, index: number, { x, t }: { readonly x: Tensor; readonly t: number }): void {
    const window = this.#clip.windows[index];
    const { start, length, weights } = window;
    noGrad(() =>
      scope(() => {
        // Encoded anew at each step: kept for all windows, it would grow with the clip.
        using own = new GuidedFlow(this.#model, this.#clip.at(index), {
          ...this.#options,
          ask: this.#options.askOf?.(window),
          sharedReference: this.#reference,
          cache: this.#caches[index],
        });
        const share = tensor(weights, { shape: [1, 1, length, 1, 1], device: x.device });
        const part = own.at(narrow(x, 2, start, length), t);
        add_(narrow(flow, 2, start, length), mul(part, share));
      })
    );
  }

  /** Frees the references and what the caches hold. */
  [Symbol.dispose](): void {
    this.#done = 0;
    for (const cache of this.#caches) cache[Symbol.dispose]();
    this.#reference[Symbol.dispose]();
  }
}
