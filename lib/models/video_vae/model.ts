// B batch, F frames, T latent frames, C latent channels, h w latent size, f temporal factor

import { type Init, Vars, withProducts } from "../../nn/mod.ts";
import {
  add,
  chunk,
  clamp,
  copy_,
  type Device,
  div,
  type DType,
  full,
  mul,
  narrow,
  noGrad,
  reshape,
  scope,
  sub,
  type Tensor,
  to,
} from "../../tensor/mod.ts";
import { spatialFactor, temporalFactor, type VideoVaeConfig, videoVaePresets } from "./config.ts";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { checkLatents, checkVideo, latentFrames, repeatLast, videoFrames } from "./frames.ts";
import { Pca, type PcaBasis, type PcaShape, pcaState } from "./pca.ts";
import type { Posterior } from "./posterior.ts";
import { PriorDecoder } from "./prior_decoder.ts";
import type { StreamState } from "./stream.ts";

/** Log variance of a latent that has no encoder net: none. */
const EXACT_LOGVAR = -30;

/**
 * Causal video autoencoder (ISA4D section 4): 8×8 pixels and f = 4 frames to one position of 16
 * channels; latent 0 is frame 0, latent k is frames 4k−3 … 4k, and no output depends on a later
 * frame. With the PCA skip path, `latent = pca(x) + encoder(x)` and `x̂ = pca⁻¹(z) + decoder(z)`.
 *
 * Videos are [B,3,F,H,W] in −1..1.
 */
export class VideoVae {
  /** What it was built from. */
  readonly config: VideoVaeConfig;
  /** Where its variables are; the maker of the `Vars` frees them. */
  readonly vars: Vars;
  /** Corrects the painted body; only where the configuration has one. */
  readonly priorDecoder: PriorDecoder | undefined;
  readonly #pca: Pca | undefined;
  readonly #encoder: Encoder | undefined;
  readonly #decoder: Decoder | undefined;
  readonly #shift: Tensor;
  readonly #scale: Tensor;

  /** Registers the model's variables in `vars`. */
  constructor(vars: Vars, config: VideoVaeConfig) {
    const { latentChannels: C, skip } = config;
    this.config = config;
    this.vars = vars;
    this.#pca = skip === "pca" ? new Pca(vars.sub("pca"), pcaShape(config)) : undefined;
    this.#encoder = config.encoderResidual ? new Encoder(vars.sub("encoder"), config) : undefined;
    this.#decoder = config.decoderResidual ? new Decoder(vars.sub("decoder"), config) : undefined;
    this.priorDecoder = config.priorDecoder &&
      new PriorDecoder(vars.sub("prior_decoder"), config.priorDecoder);
    this.#shift = vars.buffer("latent_shift", [C], constant(C, config.latentShift));
    this.#scale = vars.buffer("latent_scale", [C], constant(C, config.latentScale));
  }

  /**
   * A VideoVAE on a fitted PCA; the nets of `config`, if any, start silent. It owns its variables:
   * free them with `vae.vars.dispose()`.
   */
  static fromPca(
    basis: PcaBasis,
    config: VideoVaeConfig = videoVaePresets.pca,
    options: { readonly device?: Device; readonly seed?: number } = {},
  ): VideoVae {
    const vae = new VideoVae(Vars.root(options), config);
    scope(() => {
      const state = pcaState(basis, pcaShape(config));
      noGrad(() => {
        for (const [name, variable] of vae.vars.named()) {
          const value = state.get(name);
          if (value) copy_(variable, value);
        }
      });
    });
    return vae;
  }

  /** Weight of the layer whose output is the video: where losses on the video pull first. */
  get lastLayer(): Tensor {
    const names = this.vars.named();
    return names.get("decoder.conv_out.weight") ?? names.get("pca.synthesis")!;
  }

  /** f: frames that a latent after the first stands for. */
  get temporalFactor(): number {
    return temporalFactor(this.config);
  }

  /** Pixels of a latent position's side. */
  get spatialFactor(): number {
    return spatialFactor(this.config);
  }

  /**
   * Video of any length → the posterior's mean, shifted and scaled to about unit variance
   * [B,C,T,h,w], T = 1 + ⌈(F−1)/f⌉. The last frame is repeated to fill the last latent.
   *
   * @throws InputError when a side is no multiple of {@linkcode spatialFactor}
   */
  encode(video: Tensor): Tensor {
    return scope(() => this.normalise(this.encodePosterior(video).mean));
  }

  /** Video of any length → distribution of its latents, before shift and scale. */
  encodePosterior(video: Tensor): Posterior {
    checkVideo(video, this.spatialFactor);
    return scope(() => {
      const F = video.shape[2];
      const f = this.temporalFactor;
      const whole = videoFrames(latentFrames(F, f), f);
      return this.encodeChunk(repeatLast(video, whole - F));
    });
  }

  /**
   * Shifted and scaled latents [B,C,T,h,w] → video [B,3,F,H,W] in about −1..1, F = 1 + (T−1)·f, cut
   * to the first `frames` if given.
   */
  decode(latents: Tensor, { frames }: { readonly frames?: number } = {}): Tensor {
    checkLatents(latents, this.config.latentChannels);
    return scope(() => {
      const video = this.decodeChunk(this.denormalise(latents));
      return frames === undefined ? video : narrow(video, 2, 0, Math.min(frames, video.shape[2]));
    });
  }

  /** Whole groups of frames (a stream's first chunk 1 + f·m, later ones f·m) → their posterior. */
  encodeChunk(x: Tensor, stream?: StreamState): Posterior {
    return this.#inProducts(() => {
      const linear = this.#pca?.encode(x, stream);
      if (!this.#encoder) {
        return { mean: linear!, logvar: full([...linear!.shape], EXACT_LOGVAR, like(linear!)) };
      }
      const [mean, logvar] = chunk(this.#encoder.forward(x, stream), 2, 1);
      return {
        mean: linear ? add(linear, mean) : mean,
        logvar: clamp(logvar, { min: EXACT_LOGVAR, max: 20 }),
      };
    });
  }

  /** Latents before shift and scale, whole or one chunk of a stream → video. */
  decodeChunk(z: Tensor, stream?: StreamState): Tensor {
    return this.#inProducts(() => {
      const linear = this.#pca?.decode(z, stream);
      if (!this.#decoder) return linear!;
      const frames = this.#decoder.forward(z, stream);
      return linear ? add(linear, frames) : to(frames, { dtype: "float32" });
    });
  }

  /** Nets whose weights are of a narrower type take narrower tensors: autocast makes them. */
  #inProducts<T>(body: () => T): T {
    const { device, products: dtype } = this.vars;
    return scope(() => dtype === "float32" ? body() : withProducts({ device, dtype }, body));
  }

  /** (z − shift) · scale, per channel. */
  normalise(z: Tensor): Tensor {
    return scope(() => mul(sub(z, this.#perChannel(this.#shift)), this.#perChannel(this.#scale)));
  }

  /** The inverse of {@linkcode normalise}. */
  denormalise(latents: Tensor): Tensor {
    return scope(() =>
      add(div(latents, this.#perChannel(this.#scale)), this.#perChannel(this.#shift))
    );
  }

  /**
   * Takes over shift and scale measured on latents before shift and scale, per channel [C]: mean, and
   * one over the standard deviation.
   */
  setLatentStatistics({ shift, scale }: { readonly shift: Tensor; readonly scale: Tensor }): void {
    noGrad(() => {
      copy_(this.#shift, shift);
      copy_(this.#scale, scale);
    });
  }

  #perChannel(values: Tensor): Tensor {
    return reshape(values, [1, this.config.latentChannels, 1, 1, 1]);
  }
}

function pcaShape(config: VideoVaeConfig): PcaShape {
  return {
    latentChannels: config.latentChannels,
    temporalFactor: temporalFactor(config),
    spatialFactor: spatialFactor(config),
    lapped: config.lapped,
    trained: config.trainLinear,
  };
}

function constant(count: number, value: number): Init {
  return { kind: "computed", make: () => full([count], value) };
}

function like({ dtype, device }: Tensor): { dtype: DType; device: Device } {
  return { dtype, device };
}
