/** Gradients that travel to the ranks which own them while the backward pass goes on. */

import {
  beginPass,
  broadcastBuckets,
  bucketViews,
  clearBuckets,
  endPass,
  freeBuckets,
  newBuckets,
  waitBuckets,
} from "../native/mod.ts";
import type { ProcessGroup } from "./collectives.ts";
import { beginResults, nextTensor } from "./results.ts";
import { keep, scope } from "./scope.ts";
import { handleOf, type Tensor } from "./tensor.ts";

/** Parameters of one bucket, and the rank that owns them. */
export interface BucketPlan {
  /** All of one dtype. */
  readonly parameters: readonly Tensor[];
  /** Their owner, to whom their gradients are summed. */
  readonly owner: number;
}

/**
 * Flat memory for the gradients of all parameters. Hooks on the parameters fill it during
 * {@link GradientBuckets.pass}; in a step's last pass each full bucket sets out to its owner at once,
 * in the buckets' order: put first what the backward pass reaches first.
 *
 * A step is `clear`, one `pass` or more, `arrive`; then, when the owners have written new values of
 * their parameters into their parts, `share`.
 */
export class GradientBuckets {
  #handle: number;
  /** Each parameter's part of the memory, of its shape, in the order of the plan. */
  readonly parts: readonly Tensor[];

  /** Registers the hooks. */
  constructor(group: ProcessGroup, plan: readonly BucketPlan[]) {
    this.#handle = newBuckets(group.handle, {
      owners: plan.map(({ owner }) => owner),
      parameters: plan.flatMap(({ parameters }, bucket) =>
        parameters.map((parameter) => [handleOf(parameter), bucket] as const)
      ),
    });
    bucketViews(this.#handle);
    beginResults();
    const count = plan.reduce((sum, { parameters }) => sum + parameters.length, 0);
    this.parts = scope(() => Array.from({ length: count }, () => keep(nextTensor())));
  }

  /** Begins a step: no parameter has a gradient. */
  clear(): void {
    clearBuckets(this.#handle);
  }

  /** Runs a backward pass, whose gradients add to the buckets; after `last` all are on their way. */
  pass<T>(backward: () => T, options: { readonly last: boolean }): T {
    beginPass(this.#handle, options.last);
    const result = backward();
    endPass(this.#handle);
    return result;
  }

  /**
   * Waits until all sums have arrived: then the parts of this rank's own parameters hold them, and the
   * others are spoilt. Tells for each parameter whether this rank gave a gradient.
   */
  arrive(): boolean[] {
    return waitBuckets(this.#handle, this.parts.length);
  }

  /** Copies each bucket's values from its owner to all, and waits for it. */
  share(): void {
    broadcastBuckets(this.#handle);
    waitBuckets(this.#handle, this.parts.length);
  }

  /** Frees the memory and the hooks. */
  dispose(): void {
    if (this.#handle === 0) return;
    for (const part of this.parts) part.dispose();
    freeBuckets(this.#handle);
    this.#handle = 0;
  }
}
