/** Gradients, and the modes in which operators run. */

import {
  type AutocastState,
  enterInference,
  gradients,
  leaveInference,
  setAutocast,
  setGradEnabled,
  stepAutocastNesting,
} from "../native/mod.ts";
import { beginResults, nextOptional } from "./results.ts";
import { callAs } from "./call.ts";
import { type Device, deviceType, type DType, dtypeCode } from "./dtype.ts";
import { withMetaCasts } from "./rehearsal.ts";
import { handleOf, type Tensor } from "./tensor.ts";

/** Options of {@link grad}. */
export interface GradOptions {
  /** Weight of each output, of its shape; needed for outputs with more than one element. */
  readonly gradOutputs?: readonly Tensor[];
  /** Keep the graph for another call. Default: false. */
  readonly retainGraph?: boolean;
  /** Record the gradients themselves, for second derivatives. Default: false. */
  readonly createGraph?: boolean;
  /** Give `undefined` for inputs that the outputs do not depend on. Default: false, an error. */
  readonly allowUnused?: boolean;
}

/**
 * Gradients of the outputs' sum with respect to each input, of the inputs' shapes.
 * @throws {NativeError} when an output records no gradient, or an input is unused
 */
export function grad(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | undefined)[] {
  const { retainGraph, createGraph = false, allowUnused = false } = options;
  return callAs("autograd::grad", outputs, () => {
    gradients(
      outputs.map(handleOf),
      inputs.map(handleOf),
      options.gradOutputs?.map(handleOf) ?? [],
      { retainGraph: retainGraph ?? createGraph, createGraph, allowUnused },
    );
    beginResults();
    return inputs.map(() => nextOptional());
  });
}

/** Runs `fn` without recording gradients. */
export function noGrad<T>(fn: () => T): T {
  return withGradEnabled(false, fn);
}

/** Runs `fn` recording gradients, also within {@link noGrad}. */
export function enableGrad<T>(fn: () => T): T {
  return withGradEnabled(true, fn);
}

function withGradEnabled<T>(on: boolean, fn: () => T): T {
  const before = setGradEnabled(on);
  try {
    return fn();
  } finally {
    setGradEnabled(before);
  }
}

/** Runs `fn` in inference mode: faster than {@link noGrad}; its tensors can never take part in gradients. */
export function inferenceMode<T>(fn: () => T): T {
  enterInference();
  try {
    return fn();
  } finally {
    leaveInference();
  }
}

/** Options of {@link autocast}. */
export interface AutocastOptions {
  /** The device whose operators are cast. Default: "cpu". */
  readonly device?: Device;
  /** The dtype of products; "float32" casts nothing. Default: "bfloat16". */
  readonly dtype?: DType;
  /** False switches casts off within a region. Default: true for dtypes narrower than float32. */
  readonly enabled?: boolean;
}

let cast: DType | undefined;

/** The dtype that `autocast` casts products on the CPU to; undefined outside of it. */
export function cpuCast(): DType | undefined {
  return cast;
}

/** Runs `fn` so that products work in a narrower dtype, and sums and norms in float32. */
export function autocast<T>(options: AutocastOptions, fn: () => T): T {
  const { device = "cpu", dtype = "bfloat16", enabled = dtype !== "float32" } = options;
  // libtorch casts nothing on meta and refuses to be asked; the layers do it there.
  if (device === "meta") return withMetaCasts(enabled ? dtype : undefined, fn);
  const type = deviceType(device);
  const outer = cast;
  if (device === "cpu") cast = enabled ? dtype : undefined;
  const before: AutocastState = setAutocast(type, { on: enabled, dtype: dtypeCode(dtype) });
  stepAutocastNesting(1);
  try {
    return fn();
  } finally {
    stepAutocastNesting(-1);
    setAutocast(type, before);
    cast = outer;
  }
}
