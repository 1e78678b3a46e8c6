import { LayerNorm, Linear, type Vars, zeroInit } from "../../nn/mod.ts";
import { chunk, permute, reshape, silu, type Tensor } from "../../tensor/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import { overTokens } from "./modulation.ts";
import { type NearTokens, spreadNear } from "./near_tokens.ts";

// B batch, C latent channels, T latent frames, h×w latent size, p patch, L = h/p·w/p tokens, D width

/** SD3's last layer: 2D tokens → flow. Zero at first. */
export class FlowHead {
  readonly #config: IsaDitConfig;
  readonly #norm: LayerNorm;
  readonly #modulation: Linear;
  readonly #out: Linear;

  /** `vars` is the model's root. */
  constructor(vars: Vars, config: IsaDitConfig) {
    const { width, patchSize, latentChannels } = config;
    const init = { weight: zeroInit, bias: zeroInit };
    const norm = vars.sub("norm_out");
    this.#config = config;
    this.#norm = new LayerNorm(norm, width, { affine: false, eps: 1e-6 });
    this.#modulation = new Linear(norm.sub("linear"), width, 2 * width, { init });
    const patch = patchSize ** 2 * latentChannels;
    this.#out = new Linear(vars.sub("proj_out"), width, patch, { init });
  }

  /**
   * Tokens [B, T, L, D] and embedded flow time [B, D] or [B, T, D] → flow of latents of size h×w. Of
   * `near` tokens alone, [B, T, k, D], it is zero elsewhere.
   */
  forward(
    x_BTLD: Tensor,
    time: Tensor,
    { h, w, near }: { readonly h: number; readonly w: number; readonly near?: NearTokens },
  ): Tensor {
    const [B, T] = x_BTLD.shape;
    const { patchSize: p, latentChannels: C } = this.#config;
    // SD3's final norm: scale first, then shift.
    const [scale, shift] = chunk(overTokens(this.#modulation.forward(silu(time))), 2, -1);
    const x = this.#norm.modulated(x_BTLD, { shift, scale });
    const out = this.#out.forward(x);
    const all = near ? spreadNear(out, near) : out;
    const patches = reshape(all, [B, T, h / p, w / p, p, p, C]);
    return reshape(permute(patches, [0, 6, 1, 2, 4, 3, 5]), [B, C, T, h, w]);
  }
}
