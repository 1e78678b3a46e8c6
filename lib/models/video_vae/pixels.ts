/**
 * Between rgb24 frames of files and videos in −1..1 of models.
 * @module
 */
import type { Frames } from "../../io/mod.ts";
import {
  add,
  clamp,
  type Device,
  div,
  mul,
  permute,
  round,
  scope,
  sub,
  type Tensor,
  tensor,
  to,
  toArray,
} from "../../tensor/mod.ts";

/** Frames → [1, 3, F, H, W] float32 in −1..1. */
export function framesToVideo(
  { data, count, height, width }: Frames,
  { device = "cpu" }: { device?: Device } = {},
): Tensor {
  return scope(() => {
    const bytes = tensor(data, { shape: [1, count, height, width, 3], dtype: "uint8", device });
    const planes = to(permute(bytes, [0, 4, 1, 2, 3]), { dtype: "float32" });
    return sub(div(planes, 127.5), 1);
  });
}

/** Video [1, 3, F, H, W] in −1..1 → frames of `fps`. */
export function videoToFrames(video: Tensor, { fps }: { fps: number }): Frames {
  const [, , count, height, width] = video.shape;
  const data = scope(() => toArray(videoBytes(video)) as Uint8Array);
  return { width, height, count, fps, data };
}

/** Video [B, 3, F, H, W] in −1..1 → its pixels [B, F, H, W, 3], uint8. */
export function videoBytes(video: Tensor): Tensor {
  return scope(() => {
    const scaled = mul(add(to(video, { dtype: "float32" }), 1), 127.5);
    const bytes = to(round(clamp(scaled, { min: 0, max: 255 })), { dtype: "uint8" });
    return permute(bytes, [0, 2, 3, 4, 1]);
  });
}
