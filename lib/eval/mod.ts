/**
 * Metrics of pictures, one a file, and the scores of held-out clips.
 * @module
 */
export {
  meanColour,
  meanScores,
  ownMotionWins,
  SCORE_ROWS,
  scoreClip,
  type ScoredClip,
  type ScoreRow,
  type Scores,
} from "./clip_scores.ts";
export { foreground, maskIou } from "./mask_iou.ts";
export { psnr } from "./psnr.ts";
export { ssim } from "./ssim.ts";
export { analyseLatents, type LatentAnalysis } from "./latent_analysis.ts";
export { explainedShare, type ProbeRows } from "./latent_probe.ts";
