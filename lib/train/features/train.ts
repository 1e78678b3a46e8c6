/**
 * Trains a feature network and writes it without its heads.
 * @module
 */
import { join } from "node:path";
import type { Dataset } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import { Random } from "../../geometry/mod.ts";
import { writeSafetensors } from "../../io/mod.ts";
import { toStore } from "../../models/state/mod.ts";
import { featureNetFacts } from "../../models/video_features/mod.ts";
import { type Device, noGrad, type Tensor } from "../../tensor/mod.ts";
import { Ranks } from "../distributed/mod.ts";
import { microBatchSeed, sampleSeed } from "../settings.ts";
import { Trainer, type TrainOptions } from "../trainer.ts";
import type { FeaturesTrainConfig } from "./config.ts";
import {
  ClipTask,
  factScale,
  type FeatureQuality,
  type FeatureTask,
  FrameTask,
} from "./objective.ts";
import { type ClipSample, clipSamples, type FrameSample, frameSamples } from "./samples.ts";

/** What a run reads, writes and reports. */
export interface TrainFeaturesOptions extends Omit<TrainOptions, "onCheckpoint"> {
  readonly data: Dataset;
  /** Held-out clips; measured at every checkpoint. */
  readonly validation?: Dataset;
  /** Default "cpu". */
  readonly device?: Device;
  /** The processes that train together. Default: this one alone. */
  readonly ranks?: Ranks;
  /** Called with each measurement. */
  readonly onValidation?: (
    report: { readonly step: number; readonly quality: FeatureQuality },
  ) => void;
}

/** Held-out clips that are measured. */
const VALIDATION_CLIPS = 128;

/**
 * Trains the network that the configuration names and writes its averaged weights to
 * `out/features.safetensors` at each checkpoint. Returns the last step.
 */
export async function trainFeatures(
  config: FeaturesTrainConfig,
  options: TrainFeaturesOptions,
): Promise<number> {
  const { data, validation, device } = options;
  const { clips, settings: { seed } } = config;
  if (config.net === "image") {
    const samples = await frameSamples(data, clips);
    const held = validation ? await frameSamples(validation, VALIDATION_CLIPS) : [];
    const task = new FrameTask(seed, device);
    return await run<FrameSample>(config, options, { task, samples, held });
  }
  const { frames, size } = config.video;
  const samples = await clipSamples(data, { count: clips, frames, size });
  const held = validation
    ? await clipSamples(validation, { count: VALIDATION_CLIPS, frames, size })
    : [];
  const { motions, cameraKinds } = data.index;
  const kinds = { motions: motions.length, cameras: cameraKinds.length };
  const task = new ClipTask(config.video, { kinds, scale: factScale(samples), seed, device });
  return await run<ClipSample>(config, options, { task, samples, held });
}

async function run<Sample>(
  config: FeaturesTrainConfig,
  options: TrainFeaturesOptions,
  { task, samples, held }: {
    readonly task: FeatureTask<Sample>;
    readonly samples: readonly Sample[];
    readonly held: readonly Sample[];
  },
): Promise<number> {
  const { out, ranks = Ranks.alone } = options;
  if (samples.length === 0) throw new InputError("the data set has no clips");
  const trainer = new Trainer(
    {
      parameters: task.vars.parameters(),
      config,
      loss: (step, micro) => task.loss(drawn(samples, config, { step, micro, ranks })),
    },
    config.settings,
    ranks,
  );
  try {
    await Deno.mkdir(out, { recursive: true });
    return await trainer.run({
      ...options,
      onCheckpoint: (_path, step) =>
        trainer.ema.use(async () => {
          if (held.length > 0) options.onValidation?.({ step, quality: measure(task, held) });
          if (ranks.rank === 0) {
            await writeNet(join(out, "features.safetensors"), { config, task, step });
          }
        }),
    });
  } finally {
    trainer.dispose();
    task.vars.dispose();
  }
}

/** This rank's samples of a micro-batch. */
function drawn<Sample>(
  samples: readonly Sample[],
  { batch, settings }: FeaturesTrainConfig,
  { step, micro, ranks }: { readonly step: number; readonly micro: number; readonly ranks: Ranks },
): Sample[] {
  const seed = microBatchSeed(settings, { step, micro });
  const all = Array.from({ length: batch }, (_, i) => new Random(sampleSeed(seed, i)));
  return all.filter((_, i) => i % ranks.world === ranks.rank)
    .map((random) => samples[random.int(samples.length)]);
}

/** Means over the held-out samples. */
function measure<Sample>(task: FeatureTask<Sample>, held: readonly Sample[]): FeatureQuality {
  const total: Record<string, number> = {};
  for (let i = 0; i < held.length; i += 16) {
    const part = noGrad(() => task.quality(held.slice(i, i + 16)));
    for (const [name, value] of Object.entries(part)) total[name] = (total[name] ?? 0) + value;
  }
  return Object.fromEntries(
    Object.entries(total).map(([name, value]) => [name, value / held.length]),
  );
}

async function writeNet<Sample>(
  path: string,
  { config, task, step }: {
    readonly config: FeaturesTrainConfig;
    readonly task: FeatureTask<Sample>;
    readonly step: number;
  },
): Promise<void> {
  const net = new Map<string, Tensor>();
  for (const [name, tensor] of task.vars.named()) {
    const kept = task.keptName(name);
    if (kept !== undefined) net.set(kept, tensor);
  }
  const facts = featureNetFacts(config.net, config.video);
  await writeSafetensors(path, toStore(net), { ...facts, step: String(step) });
}
