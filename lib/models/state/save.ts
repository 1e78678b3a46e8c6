import type { TensorToMake } from "../../io/mod.ts";
import { type DType, isFloating, type Tensor, to, toBytes } from "../../tensor/mod.ts";
import type { StateTensor } from "./state_tensor.ts";

/**
 * Tensors for `writeSafetensors`, whose bytes are made one by one as they are written. `dtype` is what
 * floating-point ones become; the rest stay what they are.
 */
export function toStore(
  tensors: ReadonlyMap<string, Tensor | StateTensor>,
  { dtype }: { readonly dtype?: DType } = {},
): Map<string, TensorToMake> {
  const stored = new Map<string, TensorToMake>();
  for (const [name, tensor] of tensors) {
    const type = dtype && isFloating(tensor.dtype) ? dtype : tensor.dtype;
    const make = () => {
      if (!("open" in tensor)) return bytesOf(tensor, type);
      using opened = tensor.open();
      return bytesOf(opened, type);
    };
    stored.set(name, { dtype: type, shape: tensor.shape, make });
  }
  return stored;
}

function bytesOf(tensor: Tensor, dtype: DType): Uint8Array {
  if (tensor.dtype === dtype) return toBytes(tensor);
  using converted = to(tensor, { dtype });
  return toBytes(converted);
}
