/** Operators whose wrappers choose between overloads or read better with other arguments. */

import type { Device } from "./dtype.ts";
import {
  rawCat,
  rawChunk,
  rawClamp,
  rawFill_,
  rawFillScalar_,
  rawGridSampler,
  rawLerp,
  rawLerp_,
  rawLerpScalar,
  rawLerpScalar_,
  rawPow,
  rawPowScalar,
  rawRoll,
  rawSplit,
  rawSqueezeAll,
  rawSqueezeDim,
  rawStack,
  rawUnbind,
} from "./ops_gen.ts";
import type { Tensor } from "./tensor.ts";

/** Power, either side a tensor or a number. */
export function pow(base: Tensor | number, exponent: Tensor | number): Tensor {
  if (typeof exponent === "number" && typeof base !== "number") return rawPowScalar(base, exponent);
  return rawPow(base, exponent);
}

/** Bounds of {@link clamp}. */
export interface ClampOptions {
  /** Lower bound. Default: none. */
  readonly min?: number;
  /** Upper bound. Default: none. */
  readonly max?: number;
}

/** Each element within bounds. */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  return rawClamp(x, options);
}

/** start + weight · (end − start). */
export function lerp(start: Tensor, end: Tensor, weight: Tensor | number): Tensor {
  return typeof weight === "number"
    ? rawLerpScalar(start, end, weight)
    : rawLerp(start, end, weight);
}

/** Moves `start` towards `end` by `weight`. */
export function lerp_(start: Tensor, end: Tensor, weight: Tensor | number): Tensor {
  return typeof weight === "number"
    ? rawLerpScalar_(start, end, weight)
    : rawLerp_(start, end, weight);
}

/** Sets each element to `value`. */
export function fill_(x: Tensor, value: Tensor | number): Tensor {
  return typeof value === "number" ? rawFillScalar_(x, value) : rawFill_(x, value);
}

/** Joins tensors along an existing dimension. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  return rawCat(tensors, { dim });
}

/** Joins tensors of one shape along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  return rawStack(tensors, { dim });
}

/** Views of the given sizes along a dimension. */
export function split(x: Tensor, sizes: readonly number[], dim = 0): Tensor[] {
  return rawSplit(x, sizes, { dim });
}

/** Views: `count` equal parts of a dimension, the last perhaps smaller. */
export function chunk(x: Tensor, count: number, dim = 0): Tensor[] {
  return rawChunk(x, count, { dim });
}

/** Views of each index of a dimension, without it. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  return rawUnbind(x, { dim });
}

/** Drops a dimension of size 1, or all of them. */
export function squeeze(x: Tensor, dim?: number): Tensor {
  return dim === undefined ? rawSqueezeAll(x) : rawSqueezeDim(x, dim);
}

/** Shifts elements along dimensions; what leaves at one end enters at the other. */
export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  dims: number | readonly number[],
): Tensor {
  return rawRoll(x, shifts, { dims });
}

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** Default: "bilinear". */
  readonly mode?: "bilinear" | "nearest" | "bicubic";
  /** What lies outside. Default: "zeros". */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** Whether −1 and 1 are the centres of the outer pixels, not their outer edges. Default: false. */
  readonly alignCorners?: boolean;
}

/**
 * Samples `x` [N,C,H,W] at `grid` [N,H',W',2] of (x, y) in −1 … 1, giving [N,C,H',W']; or [N,C,D,H,W]
 * at [N,D',H',W',3].
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = options;
  return rawGridSampler(
    x,
    grid,
    ["bilinear", "nearest", "bicubic"].indexOf(mode),
    ["zeros", "border", "reflection"].indexOf(paddingMode),
    alignCorners,
  );
}

/** Whether the tensor lies on this kind of device. */
export function isOn(x: Tensor, device: Device): boolean {
  return device === "cuda" ? x.device.startsWith("cuda") : x.device === device;
}
