import { foreground, maskIou } from "./mask_iou.ts";
import { psnr } from "./psnr.ts";
import { ssim } from "./ssim.ts";

/** One held-out clip: what is true and what was made. All clips are rgb24 of the same size. */
export interface ScoredClip {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** The renderer's clip, for comparison only. */
  readonly truth: Uint8Array;
  /** The renderer's person mask, one byte a pixel, 0 outside. */
  readonly truthMask: Uint8Array;
  /** The background as the VideoVAE gives it back: what the mask is cut from. */
  readonly background: Uint8Array;
  /** What the model made. */
  readonly output: Uint8Array;
  /** The reference image, repeated over the clip. */
  readonly reference: Uint8Array;
  /** The true clip through the VideoVAE: what no model on its latents can beat. */
  readonly reconstruction: Uint8Array;
}

/** How close one clip is to the truth. */
export interface Scores {
  /** dB over all pixels. */
  readonly psnr: number;
  /** dB over the true mask's pixels. */
  readonly personPsnr: number;
  /** Structural similarity, at most 1. */
  readonly ssim: number;
  /** Intersection over union of person masks. */
  readonly iou: number;
}

/** Rows of the report: the model, and three baselines. */
export type ScoreRow = "output" | "reference" | "background" | "reconstruction";

/** Rows in the order of the report. */
export const SCORE_ROWS: readonly ScoreRow[] = [
  "output",
  "reference",
  "background",
  "reconstruction",
];

/** Scores of the model's output and of the three baselines on one clip. */
export function scoreClip(clip: ScoredClip): Record<ScoreRow, Scores> {
  const score = (frames: Uint8Array): Scores => ({
    psnr: psnr(frames, clip.truth),
    personPsnr: psnr(frames, clip.truth, clip.truthMask),
    ssim: ssim(frames, clip.truth, clip),
    iou: maskIou(foreground(frames, clip.background), clip.truthMask),
  });
  return {
    output: score(clip.output),
    reference: score(clip.reference),
    background: score(clip.background),
    reconstruction: score(clip.reconstruction),
  };
}

/** Means over clips, row by row. */
export function meanScores(clips: readonly Record<ScoreRow, Scores>[]): Record<ScoreRow, Scores> {
  const mean = (row: ScoreRow, key: keyof Scores): number =>
    clips.reduce((sum, clip) => sum + clip[row][key], 0) / clips.length;
  const rows = SCORE_ROWS.map((row) => [row, {
    psnr: mean(row, "psnr"),
    personPsnr: mean(row, "personPsnr"),
    ssim: mean(row, "ssim"),
    iou: mean(row, "iou"),
  }]);
  return Object.fromEntries(rows) as Record<ScoreRow, Scores>;
}

/**
 * Control: does each output follow its own motion? Cuts the person from each output and compares it
 * with the true masks of all clips. Returns how many outputs match their own best.
 */
export function ownMotionWins(
  clips: readonly Pick<ScoredClip, "output" | "background" | "truthMask">[],
): number {
  return clips.filter((clip, own) => {
    const made = foreground(clip.output, clip.background);
    const ious = clips.map(({ truthMask }) => maskIou(made, truthMask));
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
