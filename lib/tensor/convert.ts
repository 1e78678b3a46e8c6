/** Conversions of dtype and device. */

import type { Device, DType } from "./dtype.ts";
import { rawTo } from "./ops_gen.ts";
import type { Tensor } from "./tensor.ts";

/** Options of {@link to}. */
export interface ToOptions {
  /** Default: as it is. */
  readonly dtype?: DType;
  /** Default: where it is. */
  readonly device?: Device;
  /** A copy also where nothing changes. Default: false, the result may share memory. */
  readonly copy?: boolean;
}

/** The tensor in another dtype or place. */
export function to(x: Tensor, options: ToOptions): Tensor {
  const { dtype, device, copy = false } = options;
  return rawTo(x, { dtype, device, copy });
}
