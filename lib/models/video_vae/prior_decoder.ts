// N pictures, K planes of the prior, p patch side, H W picture size, C channels of a level

/**
 * The decoder that knows the prior: it sees the posed body painted with the reference's own pixels and
 * corrects what that painting cannot know (hair, skirts, other light, spots the reference hides). As
 * an asymmetric decoder for inpainting (arXiv 2306.04632) it leaves alone what is known, and as a last
 * denoising step in the decoder (LTX-Video, arXiv 2501.00103) it sees the flow time at which it takes
 * over: at t = 1 it works from the prior alone.
 * @module
 */
import { z } from "zod";
import { PACKED_PLANES } from "../../prior/mod.ts";
import { Conv2d, LayerNorm, sequence, type Vars, zeroInit } from "../../nn/mod.ts";
import {
  add,
  cat,
  contiguous,
  expand,
  mul,
  narrow,
  pad,
  permute,
  reshape,
  scope,
  silu,
  type Tensor,
} from "../../tensor/mod.ts";

const positive = z.int().positive();

/** Sizes of a {@linkcode PriorDecoder}. */
export const priorDecoderConfig = z.strictObject({
  /** Side of the squares of pixels that are folded into channels before the first convolution. */
  patchSize: positive.default(4),
  /** Channels of the levels, from the patches on, each at half the size of the one before. */
  channels: z.array(positive).min(1).default([64, 128, 192]),
  /** Residual blocks of a level, on the way down and on the way up. */
  blocks: positive.default(2),
});

/** Checked {@linkcode priorDecoderConfig}. */
export type PriorDecoderConfig = Readonly<z.infer<typeof priorDecoderConfig>>;

const K = PACKED_PLANES;

/** What {@linkcode PriorDecoder} reads. */
export interface PriorDecoderInputs {
  /** `PRIOR_PLANES` of the prior, [N, K, H, W]. */
  readonly planes: Tensor;
  /** What the latent says of the difference to the prior, [N, 3, H, W]; absent: nothing. */
  readonly guess?: Tensor;
  /** Flow time at which the decoder takes over, [N]: 1 knows the prior alone, 0 the whole latent. */
  readonly t: Tensor;
}

/**
 * Planes of the prior and a guess at the difference → the picture.
 * @internal
 */
export class PriorDecoder {
  readonly #config: PriorDecoderConfig;
  readonly #convIn: Conv2d;
  readonly #down: Level[];
  readonly #shrink: Conv2d[];
  readonly #grow: Conv2d[];
  readonly #up: Level[];
  readonly #normOut: ChannelNorm;
  readonly #convOut: Conv2d;

  /** Registers the layer's variables in `vars`; the net starts silent. */
  constructor(vars: Vars, config: PriorDecoderConfig) {
    const { channels, blocks, patchSize: p } = config;
    const steps = channels.slice(1).map((wide, i) => ({ narrow: channels[i], wide }));
    const levels = (name: string, widths: readonly number[]) =>
      widths.map((C, i) => new Level(vars.sub(name).sub(i), C, blocks));
    this.#config = config;
    this.#convIn = new Conv2d(vars.sub("conv_in"), (K + 3 + 1) * p * p, channels[0], same);
    this.#down = levels("down_blocks", channels);
    this.#shrink = steps.map(({ narrow, wide }, i) =>
      new Conv2d(vars.sub("downsamplers").sub(i), narrow, wide, { kernel: 2, stride: 2 })
    );
    this.#grow = steps.map(({ narrow, wide }, i) =>
      new Conv2d(vars.sub("upsamplers").sub(i), wide, 4 * narrow, { kernel: 1 })
    );
    this.#up = levels("up_blocks", channels.slice(0, -1));
    this.#normOut = new ChannelNorm(vars.sub("norm_out"), channels[0]);
    this.#convOut = new Conv2d(vars.sub("conv_out"), channels[0], 3 * p * p, {
      ...same,
      init: { weight: zeroInit, bias: zeroInit },
    });
  }

  /** Pictures in about −1..1, [N, 3, H, W], of any size; where `near` is 0 the prior's, untouched. */
  forward({ planes, guess, t }: PriorDecoderInputs): Tensor {
    const [N, , H, W] = planes.shape;
    return scope(() => {
      const rgb = narrow(planes, 1, 0, 3);
      const near = narrow(planes, 1, K - 1, 1);
      const latent = guess ?? mul(rgb, 0);
      const time = expand(reshape(t, [N, 1, 1, 1]), [N, 1, H, W]);
      const correction = this.#correct(cat([planes, latent, time], 1));
      return add(rgb, mul(near, add(latent, correction)));
    });
  }

  #correct(inputs: Tensor): Tensor {
    const [, , H, W] = inputs.shape;
    const { patchSize, channels } = this.#config;
    const step = patchSize * 2 ** (channels.length - 1);
    const [down, right] = [H, W].map((side) => (step - side % step) % step);
    const whole = down + right > 0
      ? pad(inputs, [0, right, 0, down], { mode: "replicate" })
      : inputs;
    const out = sequence(whole, [
      (x) => fold(x, patchSize),
      (x) => this.#convIn.forward(x),
      (x) => this.#throughLevels(x),
      (x) => silu(this.#normOut.forward(x)),
      (x) => this.#convOut.forward(x),
      (x) => unfold(x, patchSize),
    ]);
    return down + right > 0 ? narrow(narrow(out, 2, 0, H), 3, 0, W) : out;
  }

  #throughLevels(first: Tensor): Tensor {
    const skips: Tensor[] = [];
    let x = this.#down[0].forward(first);
    this.#shrink.forEach((shrink, i) => {
      skips.push(x);
      x = this.#down[i + 1].forward(shrink.forward(x));
    });
    for (let i = skips.length - 1; i >= 0; i--) {
      x = this.#up[i].forward(add(unfold(this.#grow[i].forward(x), 2), skips[i]));
    }
    return x;
  }
}

const same = { kernel: 3, padding: 1 } as const;

/**
 * Residual blocks of one size: x + conv(SiLU(conv(SiLU(norm(x))))), whose last convolution starts at
 * zero. The norm is over a pixel's channels: over a picture's pixels, a crop would differ from a frame.
 */
class Level {
  readonly #blocks: {
    readonly norm: ChannelNorm;
    readonly first: Conv2d;
    readonly second: Conv2d;
  }[];

  constructor(vars: Vars, C: number, blocks: number) {
    this.#blocks = Array.from({ length: blocks }, (_, i) => ({
      norm: new ChannelNorm(vars.sub(i).sub("norm1"), C),
      first: new Conv2d(vars.sub(i).sub("conv1"), C, C, same),
      second: new Conv2d(vars.sub(i).sub("conv2"), C, C, {
        ...same,
        init: { weight: zeroInit, bias: zeroInit },
      }),
    }));
  }

  forward(x: Tensor): Tensor {
    return sequence(
      x,
      this.#blocks.map(({ norm, first, second }) => (x: Tensor) =>
        scope(() => add(x, second.forward(silu(first.forward(silu(norm.forward(x)))))))
      ),
    );
  }
}

/** LayerNorm over the channels of each pixel. */
class ChannelNorm {
  readonly #norm: LayerNorm;

  constructor(vars: Vars, channels: number) {
    this.#norm = new LayerNorm(vars, channels);
  }

  /** [N,C,H,W] → the same shape. */
  forward(x: Tensor): Tensor {
    return scope(() => permute(this.#norm.forward(permute(x, [0, 2, 3, 1])), [0, 3, 1, 2]));
  }
}

// Channels lie last in memory: oneDNN's convolutions are a third faster so, and keep it that way.

/** Squares of p×p pixels into channels: [N,C,H,W] → [N,C·p·p,H/p,W/p]. */
function fold(x: Tensor, p: number): Tensor {
  return scope(() => {
    const [N, C, H, W] = x.shape;
    const cut = permute(reshape(x, [N, C, H / p, p, W / p, p]), [0, 2, 4, 1, 3, 5]);
    return permute(reshape(cut, [N, H / p, W / p, C * p * p]), [0, 3, 1, 2]);
  });
}

/** The inverse: [N,C·p·p,h,w] → [N,C,h·p,w·p]. */
function unfold(x: Tensor, p: number): Tensor {
  return scope(() => {
    const [N, CPP, h, w] = x.shape;
    const C = CPP / (p * p);
    const cut = reshape(permute(x, [0, 2, 3, 1]), [N, h, w, C, p, p]);
    const rows = reshape(contiguous(permute(cut, [0, 1, 4, 2, 5, 3])), [N, h * p, w * p, C]);
    return permute(rows, [0, 3, 1, 2]);
  });
}
