import { foreground, maskIou } from "./mask_iou.ts";
import type { MetricOf, NetMetric } from "./metrics/mod.ts";
import { psnr } from "./psnr.ts";
import { ssim } from "./ssim.ts";

/** One held-out clip: what is true of it. Frames are rgb24. */
export interface HeldOutClip {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** The renderer's clip. */
  readonly truth: Uint8Array;
  /** The renderer's person mask, one byte a pixel, 0 outside. */
  readonly truthMask: Uint8Array;
  /** The background as the VideoVAE gives it back: what the mask is cut from. */
  readonly background: Uint8Array;
}

/** How close one clip is to the truth, as far as no network is needed to tell. */
export type Scores = Readonly<Record<Exclude<MetricOf<"clip">, NetMetric>, number>>;

/** Scores of frames, made or a baseline's, against a held-out clip of the same size and length. */
export function scoreFrames(frames: Uint8Array, clip: HeldOutClip): Scores {
  return {
    psnr: psnr(frames, clip.truth),
    personPsnr: psnr(frames, clip.truth, clip.truthMask),
    ssim: ssim(frames, clip.truth, clip),
    iou: maskIou(foreground(frames, clip.background), clip.truthMask),
  };
}

/**
 * Control: does each output follow its own motion? Compares the person found in each (`found`, one
 * byte a pixel) with the true masks of all clips. Returns how many match their own best.
 */
export function ownMotionWins(
  clips: readonly { readonly found: Uint8Array; readonly truthMask: Uint8Array }[],
): number {
  return clips.filter(({ found }, own) => {
    const ious = clips.map(({ truthMask }) => maskIou(found, truthMask));
    return ious.every((iou, other) => other === own || iou < ious[own]);
  }).length;
}

/** Mean colour, 0..255 in R, G, B, of the pixels of rgb24 frames where `mask` is not 0. */
export function meanColour(frames: Uint8Array, mask: Uint8Array): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    count++;
    for (let channel = 0; channel < 3; channel++) sum[channel] += frames[3 * i + channel];
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}
