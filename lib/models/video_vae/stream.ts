/**
 * What a causal net remembers between the chunks of one stream.
 * @module
 */
import { type CausalConv3d, emptyCache, type FrameCache } from "../../nn/mod.ts";
import { clone, keep, narrow, scope, type Tensor } from "../../tensor/mod.ts";

/**
 * Caches of all causal layers of one net, by layer. A layer that is given no stream sees its input as
 * a whole clip.
 */
export class StreamState {
  readonly #caches = new Map<object, FrameCache>();
  #first = true;

  /** Whether the chunk at hand begins with frame 0. */
  get first(): boolean {
    return this.#first;
  }

  /** To be called when a chunk has passed the whole net. */
  advance(): void {
    this.#first = false;
  }

  /** Runs `layer` on the chunk `x` [B,C,F,H,W], after the frames that it saw before. */
  convolve(layer: CausalConv3d, x: Tensor): Tensor {
    const { output, cache } = layer.forward(x, this.past(layer));
    this.#store(
      layer,
      cache.kind === "frames" ? { kind: "frames", tail: keep(cache.tail) } : cache,
    );
    return output;
  }

  /** What {@linkcode remember} kept for `layer`. */
  past(layer: object): FrameCache {
    return this.#caches.get(layer) ?? emptyCache;
  }

  /** Keeps the last `frames` of `x` [B,C,F,H,W] for `layer`. */
  remember(layer: object, x: Tensor, frames: number = 1): void {
    // A copy: a view would keep the whole chunk alive.
    const tail = scope(() => keep(clone(narrow(x, 2, x.shape[2] - frames, frames))));
    this.#store(layer, { kind: "frames", tail });
  }

  /** Frees all that was remembered. */
  dispose(): void {
    for (const layer of this.#caches.keys()) this.#store(layer, emptyCache);
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #store(layer: object, cache: FrameCache): void {
    const old = this.past(layer);
    if (old.kind === "frames") old.tail.dispose();
    this.#caches.set(layer, cache);
  }
}

/** Runs a causal layer on a whole clip, or on a chunk of `stream`. */
export function convolve(layer: CausalConv3d, x: Tensor, stream?: StreamState): Tensor {
  return stream ? stream.convolve(layer, x) : layer.forward(x).output;
}
