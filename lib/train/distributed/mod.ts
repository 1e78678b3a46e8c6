/**
 * Several processes that train one model: who they are, how batches, gradients and the optimiser's
 * state are divided among them.
 * @module
 */
export { type Bucket, planBuckets } from "./bucket_plan.ts";
export { type Gradients, newGradients } from "./gradients.ts";
export { type Environment, type RankPlace, rankPlace } from "./place.ts";
export { type BatchPart, type RankLimits, Ranks } from "./ranks.ts";
