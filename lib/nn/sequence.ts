/**
 * Steps one after another in as little memory as they need.
 * @module
 */

import { scope, type Tensor } from "../tensor/mod.ts";

/** One step of a {@link sequence}. */
export type Step = (x: Tensor) => Tensor;

/**
 * Passes `x` through the steps. Each intermediate result is freed as soon as the next one is there,
 * not when the surrounding scope ends: the last one of a clip is as large as all that came before.
 * `x` itself stays. Where gradients are recorded, the graph keeps what it needs.
 */
export function sequence(x: Tensor, steps: readonly Step[]): Tensor {
  return scope(() => {
    let value = x;
    for (const step of steps) {
      const next = scope(() => step(value));
      if (value !== x && value !== next) value.dispose();
      value = next;
    }
    return value;
  });
}
