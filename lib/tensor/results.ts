/** Reads what a native call left in the result arena. */

import { IsaError } from "../errors.ts";
import {
  resultArena as results,
  TAG_LIST,
  TAG_NONE,
  TAG_NUMBER,
  TAG_OMITTED,
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

/** Reads whatever comes next; nothing for an argument that was written to. */
export function nextAny(): Tensor | Tensor[] | number | number[] | undefined {
  switch (results[position]) {
    case TAG_TENSOR:
      return nextTensor();
    case TAG_TENSORS:
      return nextTensors();
    case TAG_NUMBER:
      return nextNumber();
    case TAG_LIST:
      return nextNumbers();
    case TAG_NONE:
    case TAG_OMITTED:
      position++;
      return undefined;
    default:
      throw new IsaError(`the operator gave a result of unknown kind ${results[position]}`);
  }
}

function nextNumbers(): number[] {
  const begin = position + 2;
  position = begin + results[position + 1];
  return [...results.subarray(begin, position)];
}
