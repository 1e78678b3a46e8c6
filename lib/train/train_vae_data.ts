// B batch, F frames, H height, W width

/**
 * Clips as tensors for the VideoVAE.
 * @module
 */
import { contiguous, type Device, div, fromBytes, permute, scope, sub, to } from "../tensor/mod.ts";
import { type CropBatch, cutClip, type MaskedClip } from "./loader/mod.ts";
import type { VaeBatch } from "./vae_losses.ts";

export type { MaskedClip } from "./loader/mod.ts";

/** Bytes → video [B,3,F,H,W] in −1..1 and mask [B,1,F,H,W] on `device`. */
export function vaeBatch(
  { video, mask, shape: [B, F, H, W] }: CropBatch,
  device: Device,
): VaeBatch {
  return scope(() => {
    // The bytes travel, a quarter of the numbers.
    const rgb = to(fromBytes(video, { shape: [B, F, H, W, 3], dtype: "uint8" }), { device });
    const cover = to(fromBytes(mask, { shape: [B, 1, F, H, W], dtype: "uint8" }), { device });
    const values = to(contiguous(permute(rgb, [0, 4, 1, 2, 3])), { dtype: "float32" });
    return { video: sub(div(values, 127.5), 1), mask: to(cover, { dtype: "float32" }) };
  });
}

/** A whole clip: 4n + 1 of its frames, its sides cut down to multiples of `step`. */
export function wholeClip(
  clip: MaskedClip,
  { step, device = "cpu" }: { readonly step: number; readonly device?: Device },
): VaeBatch {
  const { width, height, count } = clip.frames;
  const F = 1 + 4 * Math.floor((count - 1) / 4);
  const [H, W] = [height, width].map((side) => Math.floor(side / step) * step);
  const cuts = Array.from({ length: F }, (_, frame) => ({ frame, y: 0, x: 0 }));
  const video = new Uint8Array(F * H * W * 3);
  const mask = new Uint8Array(F * H * W);
  cutClip(clip, cuts, { size: [H, W], mirrored: false }, { video, mask });
  return vaeBatch({ video, mask, shape: [1, F, H, W] }, device);
}
