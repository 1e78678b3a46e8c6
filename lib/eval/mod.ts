/**
 * Metrics of pictures and videos, one a file, and the scores of held-out clips.
 * @module
 */
export {
  type HeldOutClip,
  meanColour,
  ownMotionWins,
  scoreFrames,
  type Scores,
} from "./clip_scores.ts";
export { ContentHash } from "./content_hash.ts";
export { meanScores } from "./frame_means.ts";
export { foreground, maskIou } from "./mask_iou.ts";
export {
  type BlockMove,
  blockMoves,
  MOTION_SIDE,
  type MotionPicture,
  motionPicture,
} from "./block_motion.ts";
export { type ClipNet } from "./clip_look.ts";
export {
  type DistanceName,
  type FeatureNet,
  type FeatureNetFiles,
  openFeatureNets,
} from "./feature_nets.ts";
export {
  type Asked,
  type AskedFrame,
  epipolarError,
  type FollowFrame,
  type FollowScores,
  followScores,
} from "./follow/mod.ts";
export { FeatureStatistics, frechetDistance } from "./frechet.ts";
export {
  LOOKED_AT,
  type LookNets,
  type MadePersons,
  madePersons,
  type ReenactedClip,
  reenactedClip,
  type TrackFacts,
} from "./reenact/mod.ts";
export {
  type BatchScores,
  definitionOf,
  type FrameBatch,
  type FrameMetric,
  FrameScorer,
  type FrameScorerOptions,
  frameTensor,
  type PairNet,
  type ScoreName,
  smallestSide,
  type SquaredErrors,
} from "./frame_scores.ts";
export {
  type DataUsed,
  makeProtocol,
  type Protocol,
  type ProtocolFacts,
  protocolLine,
  type WeightsUsed,
  weightsUsed,
} from "./protocol.ts";
export { psnr } from "./psnr.ts";
export {
  frameMsSsim,
  frameSsim,
  type MsSsimOptions,
  type SsimBorder,
  type SsimMaps,
} from "./similarity.ts";
export { SetTable, type TableColumn, type TableNets, type TableScores } from "./set_table.ts";
export { type SoloOptions, type SoloScores, soloScores, type SoloVideo } from "./solo_scores.ts";
export { ssim } from "./ssim.ts";
export {
  findPairs,
  type OpenPair,
  openPair,
  type ReadPairOptions,
  type VideoPair,
  videosIn,
} from "./video_pairs.ts";
export {
  meanOfVideos,
  type Scored,
  scorePair,
  type ScorePairOptions,
  type VideoScores,
  type WorstFrame,
  WorstFrames,
} from "./video_scores.ts";
export { analyseLatents, type LatentAnalysis } from "./latent_analysis.ts";
export { explainedShare, type ProbeRows } from "./latent_probe.ts";
export {
  type ReadSetOptions,
  readVideoSet,
  type SetDistance,
  setDistances,
  type VideoSet,
} from "./video_sets.ts";
export {
  type View,
  type ViewAgreement,
  ViewComparison,
  type ViewedScene,
  type ViewPair,
  type ViewScores,
  viewScores,
} from "./view_scores.ts";
export { type CornerMatch, matchCorners } from "./corner_matches.ts";
export { type CornerPoints, cornerPoints } from "./corner_points.ts";
export { epipolarDistance, fundamentalMatrix, type Pixel } from "./epipolar.ts";
export {
  type EpipolarScores,
  MATCH_ANGLE,
  matchesDefinition,
  type MatchScores,
} from "./view_matches.ts";
export { VIEW_SEED, type ViewedInstant } from "./view_pairs.ts";
export { VIEW_SPOTS } from "./view_spots.ts";
export type { MetricGroup, MetricName, MetricOf, Metrics, NetMetric } from "./metrics/mod.ts";
export { metrics } from "./metrics/mod.ts";
