import { latentPoses } from "../../geometry/mod.ts";
import { type Tensor, tensor } from "../../tensor/mod.ts";

/** How large planes and latents are. */
export interface PlaneSize {
  /** Video frames. */
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly h: number;
  readonly w: number;
  readonly temporalFactor: number;
}

/** Means of planes over what latent positions stand for, frame after frame. */
export class PlanePool {
  readonly #size: PlaneSize;
  readonly #count: number;
  readonly #order: readonly number[];
  readonly #means: Float32Array;
  #frame = 0;

  constructor(count: number, size: PlaneSize) {
    this.#size = size;
    this.#count = count;
    this.#order = latentPoses(size.frames, size.temporalFactor);
    this.#means = new Float32Array(count * this.latents * size.h * size.w);
  }

  /** Latent frames. */
  get latents(): number {
    return this.#order.length / this.#size.temporalFactor;
  }

  /** Adds the next frame's planes, each [height·width]. */
  add(planes: readonly Float32Array[]): void {
    const frame = this.#frame++;
    for (const [k, pose] of this.#order.entries()) {
      if (pose !== frame) continue;
      const latent = Math.floor(k / this.#size.temporalFactor);
      for (const [index, plane] of planes.entries()) {
        this.#addPlane(plane, index * this.latents + latent);
      }
    }
  }

  #addPlane(plane: Float32Array, at: number): void {
    const { width, height, h, w, temporalFactor } = this.#size;
    const share = h * w / (width * height * temporalFactor);
    for (let y = 0; y < height; y++) {
      const row = (at * h + Math.floor(y * h / height)) * w;
      for (let x = 0; x < width; x++) {
        this.#means[row + Math.floor(x * w / width)] += plane[y * width + x] * share;
      }
    }
  }

  /** Of all frames, [1, planes, T, h, w]; the caller's. */
  tensor(): Tensor {
    const { h, w } = this.#size;
    return tensor(this.#means, { shape: [1, this.#count, this.latents, h, w] });
  }
}
