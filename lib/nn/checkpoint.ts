/**
 * Activation checkpointing: a chain of segments keeps only the values between them, and each segment
 * is run a second time when its gradients are needed. It is done with `grad()` alone, so the whole
 * chain's forward and backward pass is one call.
 * @module
 */

import {
  add,
  clearAutocastCache,
  detach,
  grad,
  noGrad,
  scope,
  type Tensor,
} from "../tensor/mod.ts";

/** One piece of a chain. */
export interface Segment {
  /**
   * Maps the values before this piece to those after it; `shared` go to every piece. All of them are
   * floating point; masks and indices are for the closure to hold.
   */
  forward(values: readonly Tensor[], shared: readonly Tensor[]): Tensor[];
  /** The variables that `forward` reads. */
  readonly parameters: readonly Tensor[];
}

/** Options of {@link checkpointedGrad}. */
export interface CheckpointOptions {
  /** Values that every segment reads, such as the time embedding. */
  readonly shared?: readonly Tensor[];
  /** Makes the scalar loss from the chain's results. */
  readonly loss: (values: readonly Tensor[]) => Tensor;
}

/** The loss and all its gradients; undefined where it does not depend on the value. */
export interface CheckpointResult {
  /** Scalar, without graph. */
  readonly loss: Tensor;
  /** For each of the inputs. */
  readonly inputGrads: (Tensor | undefined)[];
  /** For each of the shared values, summed over the segments. */
  readonly sharedGrads: (Tensor | undefined)[];
  /** For each parameter in the order of {@link chainParameters}. */
  readonly parameterGrads: (Tensor | undefined)[];
}

/** All different parameters of a chain, in order of first use. */
export function chainParameters(segments: readonly Segment[]): Tensor[] {
  return [...new Set(segments.flatMap((segment) => segment.parameters))];
}

/**
 * Runs `segments` one after another on `inputs`, then the loss, then all of it backward, holding the
 * inner activations of one segment at a time. Equal to plain autograd but for rounding.
 */
export function checkpointedGrad(
  segments: readonly Segment[],
  inputs: readonly Tensor[],
  options: CheckpointOptions,
): CheckpointResult {
  const { shared = [], loss } = options;
  return scope(() => {
    const between = forwardOnly(segments, inputs, shared);
    const last = leaves(between[between.length - 1]);
    const value = loss(last);
    let upstream = grad([value], last, { allowUnused: true });
    let sharedGrads: (Tensor | undefined)[] = shared.map(() => undefined);
    const byParameter = new Map<Tensor, Tensor>();
    for (let i = segments.length - 1; i >= 0; i--) {
      const step = backwardOne(segments[i], { values: between[i], shared, upstream });
      upstream = step.values;
      sharedGrads = sharedGrads.map((sum, j) => plus(sum, step.shared[j]));
      segments[i].parameters.forEach((parameter, j) => {
        const sum = plus(byParameter.get(parameter), step.parameters[j]);
        if (sum) byParameter.set(parameter, sum);
      });
    }
    return {
      loss: detach(value),
      inputGrads: upstream,
      sharedGrads,
      parameterGrads: chainParameters(segments).map((p) => byParameter.get(p)),
    };
  });
}

function forwardOnly(
  segments: readonly Segment[],
  inputs: readonly Tensor[],
  shared: readonly Tensor[],
): (readonly Tensor[])[] {
  return noGrad(() => {
    const between: (readonly Tensor[])[] = [inputs];
    for (const segment of segments) {
      const before = between[between.length - 1];
      between.push(scope(() => segment.forward(before, shared)));
    }
    // Casts that were made without a graph would be taken again where there is to be one.
    clearAutocastCache();
    return between;
  });
}

interface SegmentGrads {
  values: (Tensor | undefined)[];
  shared: (Tensor | undefined)[];
  parameters: (Tensor | undefined)[];
}

function backwardOne(
  segment: Segment,
  at: {
    values: readonly Tensor[];
    shared: readonly Tensor[];
    upstream: readonly (Tensor | undefined)[];
  },
): SegmentGrads {
  return scope(() => {
    const values = leaves(at.values);
    const shared = leaves(at.shared);
    const results = segment.forward(values, shared);
    const used = results.flatMap((result, i) => {
      const gradient = at.upstream[i];
      return gradient ? [{ result, gradient }] : [];
    });
    const wanted = [...values, ...shared, ...segment.parameters];
    const grads = used.length === 0
      ? wanted.map(() => undefined)
      : grad(used.map((u) => u.result), wanted, {
        gradOutputs: used.map((u) => u.gradient),
        allowUnused: true,
      });
    // Their graph is used up, and another segment may have the same parameter.
    clearAutocastCache();
    const sharedEnd = values.length + shared.length;
    return {
      values: grads.slice(0, values.length),
      shared: grads.slice(values.length, sharedEnd),
      parameters: grads.slice(sharedEnd),
    };
  });
}

function leaves(values: readonly Tensor[]): Tensor[] {
  return values.map((value) => detach(value).setRequiresGrad(true));
}

function plus(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  return a && b ? add(a, b) : a ?? b;
}
