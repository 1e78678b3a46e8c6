/**
 * How a variable gets its first value. The kinds are data, not functions, so that a model can be
 * described on the meta device without drawing anything.
 * @module
 */

import { ConfigError } from "../errors.ts";
import {
  copy_,
  type Device,
  type DType,
  empty,
  full,
  generator,
  mul,
  rand,
  randn,
  scope,
  sub,
  type Tensor,
  to,
} from "../tensor/mod.ts";

/** The first value of a parameter or buffer. */
export type Init =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  /** Gaussian with mean 0. */
  | { readonly kind: "normal"; readonly std: number }
  /** Uniform in −bound … bound. */
  | { readonly kind: "uniform"; readonly bound: number }
  /** A copy of `values`, which stay the caller's. */
  | { readonly kind: "constant"; readonly values: Tensor }
  /** The result of `make`, called only where there is memory to hold it (never on meta). */
  | { readonly kind: "computed"; readonly make: () => Tensor };

/** All zeros: gates and output layers that must start without effect. */
export const zeroInit: Init = { kind: "zeros" };

/** All ones: the scale of a norm. */
export const oneInit: Init = { kind: "ones" };

/** Gaussian of mean 0 and standard deviation `std`. */
export function normalInit(std: number): Init {
  return { kind: "normal", std };
}

/** A copy of `values`, for instance weights inflated from another model. */
export function constantInit(values: Tensor): Init {
  return { kind: "constant", values };
}

/**
 * He's uniform initialisation for a leaky ReLU of slope `a`. The default a = √5 is what PyTorch
 * gives Linear and Conv layers: it comes to ±1/√fanIn.
 */
export function kaimingUniform(fanIn: number, a: number = Math.sqrt(5)): Init {
  return { kind: "uniform", bound: Math.sqrt(6 / ((1 + a * a) * Math.max(1, fanIn))) };
}

/** Glorot's uniform initialisation. */
export function xavierUniform(fanIn: number, fanOut: number): Init {
  return { kind: "uniform", bound: Math.sqrt(6 / (fanIn + fanOut)) };
}

/** PyTorch's default for the bias of Linear and Conv layers: uniform in ±1/√fanIn. */
export function biasUniform(fanIn: number): Init {
  return { kind: "uniform", bound: 1 / Math.sqrt(Math.max(1, fanIn)) };
}

/** Where and how {@link materialise} makes a variable. */
export interface MaterialiseOptions {
  /** Path of the variable, for messages. */
  readonly path: string;
  /** Seed of this variable alone. */
  readonly seed: number;
  /** Device of the result. */
  readonly device: Device;
  /** Type of the result. */
  readonly dtype: DType;
}

/**
 * Makes a tensor of `shape` as `init` says. Random values are always drawn on the CPU in float32, so
 * that a seed means the same weights on every device.
 *
 * @throws ConfigError when given values have another shape
 */
export function materialise(
  shape: readonly number[],
  init: Init,
  options: MaterialiseOptions,
): Tensor {
  const { device, dtype } = options;
  if (device === "meta") return empty([...shape], { device, dtype });
  switch (init.kind) {
    case "zeros":
      return full([...shape], 0, { device, dtype });
    case "ones":
      return full([...shape], 1, { device, dtype });
    case "normal":
    case "uniform":
      return scope(() => to(draw(shape, init, options.seed), { device, dtype }));
    case "constant":
      return scope(() => copyOf(init.values, shape, options));
    case "computed":
      return scope(() => copyOf(init.make(), shape, options));
  }
}

function draw(
  shape: readonly number[],
  init: Extract<Init, { kind: "normal" | "uniform" }>,
  seed: number,
): Tensor {
  using random = generator(seed, "cpu");
  if (init.kind === "normal") return mul(randn([...shape], { generator: random }), init.std);
  return sub(mul(rand([...shape], { generator: random }), 2 * init.bound), init.bound);
}

function copyOf(values: Tensor, shape: readonly number[], options: MaterialiseOptions): Tensor {
  if (values.shape.join() !== shape.join()) {
    throw new ConfigError(
      `initial value of "${options.path}" has shape [${values.shape}], expected [${shape}]`,
    );
  }
  const copy = empty([...shape], { device: options.device, dtype: options.dtype });
  return copy_(copy, values);
}
