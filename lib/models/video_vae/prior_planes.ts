// N pictures, K planes of the prior, H W picture size

/**
 * The prior's bytes as the tensor that the decoder reads.
 * @module
 */
import {
  type Device,
  fromBytes,
  mul,
  permute,
  scope,
  sub,
  type Tensor,
  tensor,
  to,
} from "../../tensor/mod.ts";
import { PRIOR_PLANES } from "../../prior/mod.ts";

/** Planes that are −1..1; the others are shares of 1. */
const SIGNED: readonly string[] = ["rgb", "normals"] satisfies (keyof typeof PRIOR_PLANES)[];

const signs = Object.entries(PRIOR_PLANES).flatMap(([name, count]) =>
  Array<number>(count).fill(SIGNED.includes(name) ? 1 : 0)
);

/** Bytes [N, H, W, K] in the order of `PRIOR_PLANES` → [N, K, H, W] on `device`. */
export function priorPlanesTensor(
  bytes: Uint8Array<ArrayBuffer>,
  [N, H, W]: readonly [number, number, number],
  device: Device = "cpu",
): Tensor {
  return scope(() => {
    const perPlane = (values: readonly number[]) =>
      tensor([...values], { shape: [1, signs.length, 1, 1], device });
    const raw = to(fromBytes(bytes, { shape: [N, H, W, signs.length], dtype: "uint8" }), {
      device,
    });
    const scales = perPlane(signs.map((signed) => signed ? 1 / 127.5 : 1 / 255));
    const scaled = mul(permute(to(raw, { dtype: "float32" }), [0, 3, 1, 2]), scales);
    return sub(scaled, perPlane(signs));
  });
}
