/**
 * Runs `isa4d train features`: the networks that `isa4d eval` measures with.
 * @module
 */
import { openDataset } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import {
  featuresTrainPresets,
  parseFeaturesTrainConfig,
  trainFeatures,
} from "../../lib/train/features/mod.ts";
import type { Context } from "../support/context.ts";
import { runTraining, type TrainFlags } from "./training.ts";

/** Trains as the flags say. */
export async function runTrainFeatures(flags: TrainFlags, context: Context): Promise<void> {
  const { data, validation } = flags;
  await runTraining(flags, context, {
    ready: featuresTrainPresets,
    parse: parseFeaturesTrainConfig,
    inputs: [data],
    checkFlags: () => {
      if (!data) throw new UsageError("--data is needed: a data set made by `isa4d synth`");
    },
  }, async ({ config, ranks, device, context, log, options }) => {
    using clips = await openDataset(context.path(data!));
    using held = validation === undefined ? undefined : await openDataset(context.path(validation));
    await trainFeatures(config, {
      ...options,
      data: clips,
      ...held ? { validation: held } : {},
      device,
      ranks,
      onValidation: ({ step, quality }) => log.record({ ...quality, step, kind: "validation" }),
    });
  });
}
