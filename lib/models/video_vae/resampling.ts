// B batch, C channels, F frames, H height, W width

/**
 * Upsampling in space, and the time layers: frame 0 stays alone, the frames after it go in pairs.
 * Fresh time layers are the mean of a pair and the duplication of a frame, so that an inflated image
 * VAE treats a still clip as its image.
 * @module
 */
import { InputError } from "../../errors.ts";
import { CausalConv3d, convolve3d, type Init, type Vars, zeroInit } from "../../nn/mod.ts";
import {
  cat,
  eye,
  mul,
  narrow,
  permute,
  reshape,
  scope,
  stack,
  type Tensor,
  upsampleNearest3d,
} from "../../tensor/mod.ts";
import { conv3x3 } from "./layers.ts";
import { convolve, type StreamState } from "./stream.ts";

/** Doubles height and width: nearest, then a 3×3 convolution. */
export class SpaceUp {
  readonly #conv: CausalConv3d;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, channels: number, timeKernel: number) {
    this.#conv = conv3x3(vars.sub("conv"), [channels, channels], { timeKernel });
  }

  /** [B,C,F,H,W] → [B,C,F,2H,2W]. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return scope(() => {
      const [, , F, H, W] = x.shape;
      return convolve(this.#conv, upsampleNearest3d(x, [F, 2 * H, 2 * W]), stream);
    });
  }
}

/**
 * 1 + 2m frames → 1 + m: frame 0 bypasses, frames 2k−1 and 2k (and 2k−2 before them) make frame k.
 * Variables: `weight` [C,C,3,1,1], `bias` [C].
 */
export class TimeDown {
  readonly #weight: Tensor;
  readonly #bias: Tensor;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, channels: number) {
    const mean = computed(() => identityTaps(channels, [0, 0.5, 0.5]));
    this.#weight = vars.factor("weight", [channels, channels, 3, 1, 1], mean);
    this.#bias = vars.factor("bias", [channels], zeroInit);
  }

  /** Whole clips and first chunks have 1 + 2m frames, later chunks 2m. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return scope(() => {
      const past = stream?.past(this);
      const known = past?.kind === "frames" ? cat([past.tail, x], 2) : x;
      const F = known.shape[2];
      if (F % 2 === 0) {
        throw new InputError(`${x.shape[2]} frames do not pair up after frame 0`);
      }
      stream?.remember(this, x);
      const pairs = F > 1
        ? [convolve3d(known, this.#weight, { bias: this.#bias, stride: [2, 1, 1] })]
        : [];
      return past?.kind === "frames" ? pairs[0] : cat([narrow(x, 2, 0, 1), ...pairs], 2);
    });
  }
}

/** 1 + m frames → 1 + 2m: frame 0 bypasses, frame k makes frames 2k−1 and 2k. */
export class TimeUp {
  readonly #conv: CausalConv3d;

  /** Registers the layer's variables in `vars`. */
  constructor(vars: Vars, channels: number) {
    this.#conv = new CausalConv3d(vars, channels, 2 * channels, {
      kernel: [3, 1, 1],
      timePadding: "replicate",
      init: {
        weight: computed(() => {
          const once = identityTaps(channels, [0, 0, 1]);
          return cat([once, once], 0);
        }),
        bias: zeroInit,
      },
    });
  }

  /** Whole clips and first chunks come out with 1 + 2m frames, later chunks with 2m. */
  forward(x: Tensor, stream?: StreamState): Tensor {
    return scope(() => {
      const [B, C, F, H, W] = x.shape;
      const frames = scope(() => {
        const both = convolve(this.#conv, x, stream);
        const pairs = permute(reshape(both, [B, 2, C, F, H, W]), [0, 2, 3, 1, 4, 5]);
        return reshape(pairs, [B, C, 2 * F, H, W]);
      });
      if (stream && !stream.first) return frames;
      return cat([narrow(x, 2, 0, 1), narrow(frames, 2, 2, 2 * F - 2)], 2);
    });
  }
}

/** A weight [C,C,T,1,1] that is `factors[t]` times the identity in temporal slot t. */
function identityTaps(C: number, factors: readonly number[]): Tensor {
  return scope(() => {
    const slots = factors.map((factor) => mul(eye(C), factor));
    return reshape(stack(slots, 2), [C, C, factors.length, 1, 1]);
  });
}

/** First value computed where the variable has memory. */
function computed(make: () => Tensor): Init {
  return { kind: "computed", make };
}
