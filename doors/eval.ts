/**
 * Metrics: how near two pictures or videos are, how near two sets of them, and what each metric is.
 * @module
 */
export {
  FeatureStatistics,
  foreground,
  frechetDistance,
  maskIou,
  type MetricGroup,
  type MetricName,
  type MetricOf,
  type Metrics,
  metrics,
  psnr,
  ssim,
} from "../lib/eval/mod.ts";
