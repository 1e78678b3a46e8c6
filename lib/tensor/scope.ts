/** Scopes free what was made inside them. */

import { IsaError } from "../errors.ts";
import { isKept, markKept, swapScope, Tensor } from "./tensor.ts";

/**
 * Runs `fn` and frees every tensor made inside but those in what it returns: a tensor, or arrays,
 * maps and plain records of them, nested. Those go to the enclosing scope, if there is one. A thrown
 * error frees all. Promises are refused: tensors made after an `await` would be missed.
 * @example
 * ```ts
 * import { add, mul, ones, scope } from "./mod.ts";
 * using y = scope(() => add(mul(ones([2]), 3), 1)); // the product is freed here
 * ```
 */
export function scope<T>(fn: () => T): T {
  const made: Tensor[] = [];
  const outer = swapScope(made);
  let saved: Tensor | Set<Tensor> | undefined;
  try {
    const result = fn();
    if (result instanceof Tensor) { // by far the most, and a search costs
      saved = result;
      return result;
    }
    if (isPromise(result)) {
      throw new IsaError("scope got a function that returns a promise, expected one that does not");
    }
    saved = tensorsIn(result);
    return result;
  } finally {
    swapScope(outer);
    for (const tensor of made) {
      if (isKept(tensor)) continue;
      if (saved === tensor || (saved instanceof Set && saved.has(tensor))) outer?.push(tensor);
      else tensor.dispose();
    }
  }
}

/** Takes a tensor out of all scopes: it lives until it is disposed. */
export function keep<T extends Tensor>(tensor: T): T {
  markKept(tensor);
  return tensor;
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

/** All tensors in a value: itself, or within arrays, maps, sets and plain records. */
export function tensorsIn(value: unknown): Set<Tensor> {
  const found = new Set<Tensor>();
  collect(value, found, new Set());
  return found;
}

function collect(value: unknown, found: Set<Tensor>, seen: Set<unknown>): void {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Tensor) {
    found.add(value);
    return;
  }
  if (seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) collect(item, found, seen);
  } else if (value instanceof Map) {
    for (const item of value.values()) collect(item, found, seen);
  } else if (isPlainRecord(value)) {
    for (const item of Object.values(value)) collect(item, found, seen);
  }
}

function isPlainRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
