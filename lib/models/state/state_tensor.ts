/**
 * A tensor that is made when it is wanted, and views of such.
 * @module
 */
import type { TensorPlace } from "../../io/mod.ts";
import type { StateSource } from "../../nn/mod.ts";
import {
  asStrided,
  type DType,
  empty,
  narrow,
  reshape,
  scope,
  type Tensor,
  tensorFromFile,
} from "../../tensor/mod.ts";

/** A tensor of a checkpoint. */
export interface StateTensor extends StateSource {
  /** Element type as stored. */
  readonly dtype: DType;
}

/** A tensor in a file; opened, it is mapped: pages are read when they are used. */
export function placedTensor(place: TensorPlace): StateTensor {
  return { dtype: place.dtype, shape: place.shape, open: () => mapPlace(place) };
}

function mapPlace({ file, dtype, shape, strides, begin }: TensorPlace): Tensor {
  if (shape.includes(0)) return empty(shape, { dtype });
  if (!strides) return tensorFromFile(file, { offset: begin, shape, dtype });
  return scope(() => {
    const last = shape.reduce((sum, length, i) => sum + (length - 1) * strides[i], 0);
    const flat = tensorFromFile(file, { offset: begin, shape: [last + 1], dtype });
    return asStrided(flat, shape, strides);
  });
}

/** What `make` computes; it runs each time the tensor is opened. */
export function computedTensor(
  { dtype, shape }: Pick<StateTensor, "dtype" | "shape">,
  make: () => Tensor,
): StateTensor {
  return { dtype, shape, open: () => scope(make) };
}

/** The same elements in another shape. */
export function reshapedTensor(source: StateTensor, shape: readonly number[]): StateTensor {
  return computedTensor({ dtype: source.dtype, shape }, () => reshape(source.open(), [...shape]));
}

/** Part `index` of `count` equal parts of the first dimension. */
export function partOf(
  source: StateTensor,
  { index, count }: { readonly index: number; readonly count: number },
): StateTensor {
  const [rows, ...rest] = source.shape;
  const each = rows / count;
  return computedTensor(
    { dtype: source.dtype, shape: [each, ...rest] },
    () => narrow(source.open(), 0, index * each, each),
  );
}
