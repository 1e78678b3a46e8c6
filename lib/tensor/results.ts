/** Reads what a native call left in the result arena. */

import { IsaError } from "../errors.ts";
import {
  resultArena as results,
  TAG_NONE,
  TAG_NUMBER,
  TAG_TENSOR,
  TAG_TENSORS,
} from "../native/mod.ts";
import { Tensor } from "./tensor.ts";

let position = 0;

/** Reads the next tensor of the results. */
export function nextTensor(): Tensor {
  if (results[position] !== TAG_TENSOR) throw new IsaError("the operator gave no tensor");
  const dimensions = results[position + 4];
  const shape = new Array<number>(dimensions);
  for (let i = 0; i < dimensions; i++) shape[i] = results[position + 5 + i];
  const tensor = new Tensor(
    results[position + 1],
    results[position + 2],
    results[position + 3],
    shape,
  );
  position += 5 + dimensions;
  return tensor;
}

/** Reads the next tensor of the results, or nothing. */
export function nextOptional(): Tensor | undefined {
  if (results[position] !== TAG_NONE) return nextTensor();
  position++;
  return undefined;
}

/** Starts reading what the last native call left. */
export function beginResults(): void {
  position = 0;
}

/** Reads a list of tensors. */
export function nextTensors(): Tensor[] {
  if (results[position] !== TAG_TENSORS) throw new IsaError("the operator gave no list of tensors");
  const length = results[position + 1];
  position += 2;
  const tensors: Tensor[] = [];
  for (let i = 0; i < length; i++) tensors.push(nextTensor());
  return tensors;
}

/** Reads a number. */
export function nextNumber(): number {
  if (results[position] !== TAG_NUMBER) throw new IsaError("the operator gave no number");
  position += 2;
  return results[position - 1];
}
