/**
 * Rotary position embedding along one axis (RoFormer, eq. 34), in the form that rotates the first
 * half of a head against the second.
 * @module
 */

import { ConfigError } from "../errors.ts";
import { type Device, type Tensor, tensor } from "../tensor/mod.ts";
import { turned } from "./fusion.ts";

/** Cosines and sines of the angles of L positions, each float32 [L, H]. */
export interface RotaryTable {
  /** [L, H]. */
  readonly cos: Tensor;
  /** [L, H]. */
  readonly sin: Tensor;
}

/** Options of {@link Rotary1d}. */
export interface Rotary1dOptions {
  /** Base of the wavelengths. Default 10000. */
  readonly theta?: number;
}

/** Angle tables for heads of one width; the angles of a length are computed once. */
export class Rotary1d {
  readonly #headDim: number;
  readonly #theta: number;
  readonly #angles = new Map<string, { cos: Float32Array; sin: Float32Array }>();

  /**
   * Prepares tables for heads of `headDim` channels.
   *
   * @throws ConfigError when headDim is odd
   */
  constructor(headDim: number, options: Rotary1dOptions = {}) {
    if (headDim % 2 !== 0) {
      throw new ConfigError(`rotary positions need an even head width, found ${headDim}`);
    }
    this.#headDim = headDim;
    this.#theta = options.theta ?? 10000;
  }

  /**
   * The table of positions start … start + length − 1. A model makes it once a pass and gives it to
   * all its blocks; it belongs to the open scope, or to the caller.
   */
  table(
    length: number,
    options: { readonly device?: Device; readonly start?: number } = {},
  ): RotaryTable {
    const { device = "cpu", start = 0 } = options;
    const key = `${start}+${length}`;
    const angles = this.#angles.get(key) ?? this.#compute(start, length);
    this.#angles.set(key, angles);
    const shape = [length, this.#headDim];
    return {
      cos: tensor(angles.cos, { shape, device }),
      sin: tensor(angles.sin, { shape, device }),
    };
  }

  #compute(start: number, length: number): { cos: Float32Array; sin: Float32Array } {
    const width = this.#headDim;
    const half = width / 2;
    const cos = new Float32Array(length * width);
    const sin = new Float32Array(length * width);
    for (let i = 0; i < cos.length; i++) {
      const position = start + Math.floor(i / width);
      const angle = position * Math.pow(this.#theta, -((i % width) % half) / half);
      cos[i] = Math.cos(angle);
      sin[i] = Math.sin(angle);
    }
    return { cos, sin };
  }
}

/** Rotates queries or keys [B, N, L, H] (or any [..., L, H]) by their positions' angles. */
export function applyRotary(x: Tensor, table: RotaryTable): Tensor {
  return turned(x, table);
}
