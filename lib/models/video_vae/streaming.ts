/**
 * Videos of any length in flat memory: frames go in as they come, latents come out as their groups
 * fill, and the other way round. All chunks together are what one pass gives.
 * @module
 */
import { cat, clone, keep, narrow, noGrad, scope, type Tensor } from "../../tensor/mod.ts";
import { checkLatents, checkVideo, repeatLast } from "./frames.ts";
import type { VideoVae } from "./model.ts";
import { StreamState } from "./stream.ts";

/** Encodes a video chunk by chunk; free it after use. */
export class EncoderStream {
  readonly #vae: VideoVae;
  readonly #state = new StreamState();
  #pending: Tensor | undefined;

  /** A stream that has seen nothing; `vae` must outlive it. */
  constructor(vae: VideoVae) {
    this.#vae = vae;
  }

  /**
   * The next frames [B,3,n,H,W], any n ≥ 1 → shifted and scaled latents of all groups that are now
   * full, or undefined while none is.
   */
  push(frames: Tensor): Tensor | undefined {
    checkVideo(frames, this.#vae.spatialFactor);
    return this.#run((pending) => pending ? cat([pending, frames], 2) : frames);
  }

  /** Fills the last group by repeating the last frame → its latent, or undefined if none is open. */
  finish(): Tensor | undefined {
    if (!this.#pending) return undefined;
    const missing = this.#vae.temporalFactor - this.#pending.shape[2];
    return this.#run((pending) => repeatLast(pending!, missing));
  }

  /** Frees what the stream remembers. */
  dispose(): void {
    this.#state.dispose();
    this.#pending?.dispose();
    this.#pending = undefined;
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #run(join: (pending: Tensor | undefined) => Tensor): Tensor | undefined {
    return noGrad(() =>
      scope(() => {
        const frames = join(this.#pending);
        const f = this.#vae.temporalFactor;
        const alone = this.#state.first ? 1 : 0;
        const ready = alone + Math.floor((frames.shape[2] - alone) / f) * f;
        this.#keepRest(frames, ready);
        if (ready === 0) return undefined;
        const { mean } = this.#vae.encodeChunk(narrow(frames, 2, 0, ready), this.#state);
        this.#state.advance();
        return this.#vae.normalise(mean);
      })
    );
  }

  #keepRest(frames: Tensor, ready: number): void {
    const old = this.#pending;
    const rest = frames.shape[2] - ready;
    this.#pending = rest > 0 ? keep(clone(narrow(frames, 2, ready, rest))) : undefined;
    if (old !== frames) old?.dispose();
  }
}

/** Decodes latents chunk by chunk; free it after use. */
export class DecoderStream {
  readonly #vae: VideoVae;
  readonly #state = new StreamState();

  /** A stream that has seen nothing; `vae` must outlive it. */
  constructor(vae: VideoVae) {
    this.#vae = vae;
  }

  /** The next shifted and scaled latents [B,C,n,h,w] → their frames, 1 + (n−1)·f, later n·f. */
  push(latents: Tensor): Tensor {
    checkLatents(latents, this.#vae.config.latentChannels);
    return noGrad(() =>
      scope(() => {
        const frames = this.#vae.decodeChunk(this.#vae.denormalise(latents), this.#state);
        this.#state.advance();
        return frames;
      })
    );
  }

  /** Frees what the stream remembers. */
  dispose(): void {
    this.#state.dispose();
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
