/**
 * 3D convolution that never looks at a later frame, in one pass or chunk by chunk.
 * @module
 */

import { ConfigError, InputError } from "../errors.ts";
import { clone, narrow, pad, scope, type Tensor } from "../tensor/mod.ts";
import { convVariables, pair, type Size2, type Size3, triple } from "./conv.ts";
import type { LayerInit } from "./linear.ts";
import { convolve3d, joinFrames } from "./meta.ts";
import type { Vars } from "./vars.ts";

/** What a causal layer remembers of the frames before a chunk: [B,C,n,H,W], or nothing yet. */
export type FrameCache =
  | { readonly kind: "empty" }
  | { readonly kind: "frames"; readonly tail: Tensor };

/** The cache before the first chunk of a stream. */
export const emptyCache: FrameCache = { kind: "empty" };

/** What stands before the first frame: black, or the first frame again. */
export type TimePadding = "zeros" | "replicate";

/** Options of {@link CausalConv3d}. */
export interface CausalConv3dOptions {
  /** [kt, kh, kw]. */
  readonly kernel: Size3;
  /** [st, sh, sw]; st must not exceed kt. Default 1. */
  readonly stride?: Size3;
  /** Zeros added on both sides, spatially: [top and bottom, left and right]. Default 0. */
  readonly padding?: Size2;
  /** What stands before the first frame. Default "zeros". */
  readonly timePadding?: TimePadding;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** First values. Default: PyTorch's. */
  readonly init?: LayerInit;
}

/** Frames that a causal layer gives for a chunk, and what it needs for the next one. */
export interface Streamed {
  /** [B, outC, F', H', W']. */
  readonly output: Tensor;
  /** To be given with the next chunk. Its tail is the caller's to free. */
  readonly cache: FrameCache;
}

/**
 * Causal 3D convolution (as MAGVIT-v2): kt − 1 frames stand before the first one, none after the
 * last, so F frames give ⌊(F−1)/st⌋ + 1. Variables: `weight` [outC, inC, kt, kh, kw], `bias` [outC].
 */
export class CausalConv3d {
  /** [outC, inC, kt, kh, kw]. */
  readonly weight: Tensor;
  /** [outC], if any. */
  readonly bias: Tensor | undefined;
  readonly #kt: number;
  readonly #stride: [number, number, number];
  readonly #padding: [number, number];
  readonly #timePadding: TimePadding;

  /**
   * Registers the layer's variables in `vars`.
   *
   * @throws ConfigError when frames would be skipped (temporal stride above the kernel)
   */
  constructor(vars: Vars, inC: number, outC: number, options: CausalConv3dOptions) {
    const { stride = 1, padding = 0, timePadding = "zeros" } = options;
    const kernel = triple(options.kernel);
    this.#kt = kernel[0];
    this.#stride = triple(stride);
    this.#padding = pair(padding);
    this.#timePadding = timePadding;
    if (this.#stride[0] > this.#kt) {
      throw new ConfigError(
        `temporal stride ${this.#stride[0]} exceeds the temporal kernel ${this.#kt}`,
      );
    }
    ({ weight: this.weight, bias: this.bias } = convVariables(
      vars,
      [outC, inC, ...kernel],
      options,
    ));
  }

  /**
   * [B, inC, F, H, W] → [B, outC, F', H', W'].
   *
   * Without `cache`, x is a whole clip and nothing is remembered. With a cache ({@link emptyCache}
   * before the first chunk), x continues the stream, and the cache in the result goes with the next
   * chunk; all chunks together then give what one pass gives. A kernel of kt = 1 remembers nothing.
   *
   * @throws InputError when the chunk is too short to give a frame at this temporal stride
   */
  forward(x: Tensor, cache?: FrameCache): Streamed {
    return scope((): Streamed => {
      const frames = this.#withPast(x, cache ?? emptyCache);
      const [stride] = this.#stride;
      const count = Math.floor((frames.shape[2] - this.#kt) / stride) + 1;
      if (count < 1) {
        throw new InputError(
          `a chunk of ${x.shape[2]} frames gives no frame at temporal stride ${stride}`,
        );
      }
      const output = convolve3d(frames, this.weight, {
        bias: this.bias,
        stride: this.#stride,
        padding: [0, ...this.#padding],
      });
      if (cache === undefined || this.#kt === 1) return { output, cache: emptyCache };
      // A copy: a view would keep the whole chunk alive.
      const start = count * stride;
      const tail = clone(narrow(frames, 2, start, frames.shape[2] - start));
      return { output, cache: { kind: "frames", tail } };
    });
  }

  #withPast(x: Tensor, cache: FrameCache): Tensor {
    if (cache.kind === "frames") return joinFrames([cache.tail, x]);
    const past = this.#kt - 1;
    if (past === 0) return x;
    if (this.#timePadding === "zeros") return pad(x, [0, 0, 0, 0, past, 0]);
    const first = narrow(x, 2, 0, 1);
    return joinFrames([...Array.from({ length: past }, () => first), x]);
  }
}
