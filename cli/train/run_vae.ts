/**
 * Runs `isa4d train vae`: clips → PCA → nets.
 * @module
 */
import { openDataset, readBody } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import {
  loadEfficientNetDistance,
  loadLpips,
  loadSynthPerceptual,
  type PerceptualDistance,
} from "../../lib/models/perceptual/mod.ts";
import type { Vars } from "../../lib/nn/mod.ts";
import { shippedFeatures } from "../../lib/pipelines/mod.ts";
import {
  crewCrops,
  crewPriorSamples,
  type CropLoader,
  localCrops,
  openSource,
  parseVaeTrainConfig,
  type Ranks,
  type SourceSpec,
  trainPrior,
  trainVae,
  type VaeTrainConfig,
  vaeTrainPresets,
} from "../../lib/train/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { lpipsFiles, type LpipsFlags } from "../support/lpips_files.ts";
import { findSources, readClips, spreadClips, type TrainSource, withoutShare } from "./sources.ts";
import { runTraining, type SourceFlags, type TrainRun } from "./training.ts";

/** Flags of `isa4d train vae`. */
export interface TrainVaeFlags extends SourceFlags, LpipsFlags {
  /** Threads that cut samples; 0: none. */
  readonly workers: number;
  /** EfficientNet-Lite0's weights. */
  readonly efficientnet?: string;
}

/** Held-out clips that are measured at every checkpoint. */
const VALIDATION_CLIPS = 16;

/** Trains as the flags say. */
export async function runTrainVae(flags: TrainVaeFlags, context: Context): Promise<void> {
  const { data, validation, init } = flags;
  await runTraining(flags, context, {
    ready: vaeTrainPresets,
    parse: parseVaeTrainConfig,
    inputs: [...data ?? [], flags.lpipsNet, flags.lpipsLinear].map(withoutShare),
    checkFlags: () => {
      if (data) return;
      throw new UsageError("--data is needed: a data set of `isa4d synth` or a folder of videos");
    },
  }, async ({ config, ranks, device, context, log, options }) => {
    if (config.model.priorDecoder) {
      return await runPriorDecoder(flags, { config, ranks, device, context, log, options });
    }
    const perceptual = await openPerceptual(flags, config, context);
    const place = { context, ranks, out: options.out, signal: options.signal };
    const sources = await findSources(data!, place);
    const { frames } = config;
    const videoSide = config.videoSide ?? Math.round(1.5 * config.size);
    const read = async (from: readonly TrainSource[], most: number) =>
      await readClips(from, { most, frames, videoSide });
    const loader = await openLoader(sources, config, { ranks, videoSide, workers: flags.workers });
    try {
      await trainVae(config, {
        ...options,
        loader,
        perceptual: perceptual?.distance,
        clips: await read(sources, config.clips),
        validation: validation === undefined
          ? undefined
          : await read(await findSources([validation], place), VALIDATION_CLIPS),
        init: init && context.path(init),
        device,
        ranks,
        onPca: ({ blocks, explained }) => log.record({ kind: "pca", blocks, explained }),
        onValidation: (report) => log.record({ ...report, kind: "validation" }),
      });
    } finally {
      loader.close();
      perceptual?.vars.dispose();
    }
  });
}

/** The decoder alone, on the prior of rendered clips. */
async function runPriorDecoder(
  { data, validation, init, workers, ...flags }: TrainVaeFlags,
  { config, ranks, device, context, log, options }: TrainRun<VaeTrainConfig>,
): Promise<void> {
  if (init === undefined) {
    throw new UsageError(
      "a decoder that knows the prior builds on trained weights: add --init weights/small/video_vae.safetensors",
    );
  }
  const place = { context, ranks, out: options.out, signal: options.signal };
  const folders = (await findSources(data!, place)).map((source) => {
    if (source.kind === "dataset") return source.folder;
    throw new UsageError(
      `--data "${source.name}" has no bodies to paint: give a data set of \`isa4d synth\``,
    );
  });
  const perceptual = await openPerceptual({ ...flags, workers }, config, context);
  const loader = crewPriorSamples(config, { folders, ranks, workers });
  try {
    await trainPrior(config, {
      ...options,
      ...{ loader, device, ranks, perceptual: perceptual?.distance },
      body: await readBody(),
      init: context.path(init),
      validation: validation === undefined
        ? undefined
        : await Array.fromAsync(spreadClips(context.path(validation), VALIDATION_CLIPS)),
      onValidation: (report) => log.record({ ...report, kind: "validation" }),
    });
  } finally {
    loader.close();
    perceptual?.vars.dispose();
  }
}

/** Samples of all sources: cut ahead by `workers` threads, or by this one. */
async function openLoader(
  sources: readonly TrainSource[],
  config: VaeTrainConfig,
  { ranks, videoSide: shortSide, workers }: {
    readonly ranks: Ranks;
    readonly videoSide: number;
    readonly workers: number;
  },
): Promise<CropLoader> {
  const specs: SourceSpec[] = [];
  for (const source of sources) {
    if (source.kind === "videos") specs.push({ ...source, shortSide });
    else specs.push({ ...source, clips: await countClips(source.folder, ranks) });
  }
  if (workers > 0) return crewCrops(config, { sources: specs, ranks, workers });
  const open = await Promise.all(specs.map((spec) => openSource(spec, LOCAL_CACHE_BYTES)));
  return localCrops(config, { sources: open, ranks });
}

/** Bytes of decoded clips that are kept of each source where no worker keeps them. */
const LOCAL_CACHE_BYTES = 256e6;

/** How many clips there are: for rank 0, since a data set may grow meanwhile. */
async function countClips(folder: string, ranks: Ranks): Promise<number> {
  using dataset = await openDataset(folder);
  return ranks.sum([ranks.rank === 0 ? dataset.count : 0])[0];
}

/** EfficientNet's or LPIPS' of the files given; where there are none, isa4d's own network's. */
async function openPerceptual(
  flags: TrainVaeFlags,
  { loss }: VaeTrainConfig,
  context: Context,
): Promise<{ readonly distance: PerceptualDistance; readonly vars: Vars } | undefined> {
  const place = { device: deviceOf(flags.device) };
  const files = lpipsFiles(flags, context);
  if (files && flags.efficientnet !== undefined) {
    throw new UsageError("--efficientnet and --lpips-net both bring a perceptual term: give one");
  }
  if (flags.efficientnet !== undefined) {
    return await loadEfficientNetDistance(context.path(flags.efficientnet), place);
  }
  if (files) {
    return await loadLpips(files, place).then(({ lpips, vars }) => ({ distance: lpips, vars }));
  }
  if (loss.perceptual === 0) return undefined;
  context.notice(
    "perceptual term: SPD, with isa4d's own small network; for LPIPS give --lpips-net and --lpips-linear",
  );
  const { lpips: distance, vars } = await loadSynthPerceptual(shippedFeatures("image"), place);
  return { distance, vars };
}
