// B batch, C latent channels, T latent frames, f temporal factor

import { ConfigError } from "../../errors.ts";
import { Conv2d, GroupNorm, type Vars } from "../../nn/mod.ts";
import { add, permute, pixelShuffle, reshape, scope, silu, type Tensor } from "../../tensor/mod.ts";

/** Sizes of an {@linkcode ImageDecoder}. */
export interface ImageDecoderOptions {
  /** C. */
  readonly latentChannels: number;
  /** f; the latent's channels are split into so many sub-latents. */
  readonly temporalFactor: number;
  /** Pixels of a latent position's side. */
  readonly spatialFactor: number;
  /** Channels between. */
  readonly width: number;
  /** Groups of its norm. */
  readonly normGroups: number;
}

/**
 * Image-decoding regularisation (ISA4D section 4): sub-latent k, a quarter of the channels, alone
 * decodes frame k of its window, so that no frame of the window is favoured. For training only.
 */
export class ImageDecoder {
  readonly #options: ImageDecoderOptions;
  readonly #convIn: Conv2d;
  readonly #norm: GroupNorm;
  readonly #conv: Conv2d;
  readonly #convOut: Conv2d;

  /** Registers the layer's variables in `vars`. Throws ConfigError where C does not split by f. */
  constructor(vars: Vars, options: ImageDecoderOptions) {
    const { latentChannels, temporalFactor, spatialFactor, width, normGroups } = options;
    if (latentChannels % temporalFactor !== 0) {
      throw new ConfigError(
        `${latentChannels} latent channels do not split into ${temporalFactor} sub-latents`,
      );
    }
    const kernel = { kernel: 3, padding: 1 };
    this.#options = options;
    this.#convIn = new Conv2d(vars.sub("conv_in"), latentChannels / temporalFactor, width, kernel);
    this.#norm = new GroupNorm(vars.sub("norm"), normGroups, width);
    this.#conv = new Conv2d(vars.sub("conv"), width, width, kernel);
    this.#convOut = new Conv2d(vars.sub("conv_out"), width, 3 * spatialFactor ** 2, kernel);
  }

  /** Latents [B,C,T,h,w] → frames [B,3,T·f,H,W]: f pictures of frame 0, then frames 1, 2, … */
  forward(z: Tensor): Tensor {
    const { latentChannels: C, temporalFactor: f, spatialFactor: s } = this.#options;
    return scope(() => {
      const [B, , T, h, w] = z.shape;
      const subLatents = permute(reshape(z, [B, f, C / f, T, h, w]), [0, 3, 1, 2, 4, 5]);
      const x = this.#convIn.forward(reshape(subLatents, [B * T * f, C / f, h, w]));
      const hidden = add(x, this.#conv.forward(silu(this.#norm.forward(x))));
      const images = pixelShuffle(this.#convOut.forward(silu(hidden)), s);
      return permute(reshape(images, [B, T * f, 3, h * s, w * s]), [0, 2, 1, 3, 4]);
    });
  }
}
