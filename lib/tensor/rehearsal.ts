/** Computations on the meta device that stand for ones on another. */

import type { Device, DType } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

let standsFor: Device = "cpu";
let castTo: DType | undefined;

/**
 * While `fn` runs, tensors on meta stand for tensors on `device`: what is chosen by the device is
 * chosen as it would be there.
 */
export function rehearse<T>(device: Device, fn: () => T): T {
  const before = standsFor;
  standsFor = device;
  try {
    return fn();
  } finally {
    standsFor = before;
  }
}

/** Where a tensor lies, or would lie. */
export function placeOf({ device }: Pick<Tensor, "device">): Device {
  return device === "meta" ? standsFor : device;
}

/** Runs `fn` with products on meta cast to `dtype`, where it is given. */
export function withMetaCasts<T>(dtype: DType | undefined, fn: () => T): T {
  const before = castTo;
  castTo = dtype;
  try {
    return fn();
  } finally {
    castTo = before;
  }
}

/** The dtype that products on meta are cast to, inside `autocast`. */
export function metaCast(): DType | undefined {
  return castTo;
}
