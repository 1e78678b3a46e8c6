/**
 * Training: the optimiser, the average of weights, the learning rate's course, and the loop that both
 * models share, with its checkpoints. `isa4d train` is the loop with their data and losses.
 * @module
 */
export {
  AdamW,
  type AdamWOptions,
  type Adversary,
  type DataUse,
  Ema,
  learningRateAt,
  type RunStart,
  type SkipReason,
  type TaskData,
  Trainer,
  type TrainOptions,
  type TrainSettings,
  trainSettings,
  type TrainStep,
  type TrainTask,
} from "../lib/train/mod.ts";
