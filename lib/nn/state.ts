/**
 * Tensors that variables are loaded from.
 * @module
 */

import { copy_, type DType, fromBytes, noGrad, Tensor } from "../tensor/mod.ts";

/** A tensor as a file holds it: little-endian bytes, row-major. */
export interface StateRecord {
  /** Element type of the bytes. */
  readonly dtype: DType;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** The values. */
  readonly bytes: Uint8Array;
}

/** A tensor that is made when it is wanted, such as one that lies in a file. */
export interface StateSource {
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Makes the tensor; it is the caller's to free. */
  open(): Tensor;
}

/** Copies a tensor, or what a file holds of one, into a variable, whatever type and device that has. */
export function copyInto(variable: Tensor, value: Tensor | StateRecord | StateSource): void {
  noGrad(() => {
    if (value instanceof Tensor) {
      copy_(variable, value);
      return;
    }
    using source = "open" in value
      ? value.open()
      : fromBytes(value.bytes, { shape: [...value.shape], dtype: value.dtype });
    copy_(variable, source);
  });
}
