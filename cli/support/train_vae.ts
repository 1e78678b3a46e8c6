/**
 * Runs `isa4d train vae`: data set → PCA → nets.
 * @module
 */
import { openDataset } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import { type LoadedLpips, loadLpips } from "../../lib/models/perceptual/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import {
  type MaskedClip,
  parseVaeTrainConfig,
  trainVae,
  vaeTrainPresets,
} from "../../lib/train/mod.ts";
import type { Context } from "./context.ts";
import { runTraining, type TrainFlags } from "./train_run.ts";

/** Flags of `isa4d train vae`. */
export interface TrainVaeFlags extends TrainFlags {
  readonly lpipsNet?: string;
  readonly lpipsLinear?: string;
}

/** Held-out clips that are measured at every checkpoint. */
const VALIDATION_CLIPS = 16;

/** Trains as the flags say. */
export async function runTrainVae(flags: TrainVaeFlags, context: Context): Promise<void> {
  const { data, validation, init } = flags;
  await runTraining(flags, context, {
    ready: vaeTrainPresets,
    parse: parseVaeTrainConfig,
    checkFlags: () => {
      if (!data) throw new UsageError("--data is needed: a data set made by `isa4d synth`");
    },
  }, async ({ config, ranks, device, context, log, options }) => {
    const perceptual = await openLpips(flags, context);
    await trainVae(config, {
      ...options,
      lpips: perceptual?.lpips,
      clips: await readClips(context.path(data!), config.clips),
      validation: validation && await readClips(context.path(validation), VALIDATION_CLIPS) ||
        undefined,
      init: init && context.path(init),
      device,
      ranks,
      onPca: ({ blocks, explained }) => log.record({ kind: "pca", blocks, explained }),
      onValidation: (report) => log.record({ ...report, kind: "validation" }),
    }).finally(() => perceptual?.vars.dispose());
  });
}

async function openLpips(
  { lpipsNet, lpipsLinear, device }: TrainVaeFlags,
  context: Context,
): Promise<LoadedLpips | undefined> {
  if (lpipsNet === undefined && lpipsLinear === undefined) return undefined;
  if (lpipsNet === undefined || lpipsLinear === undefined) {
    throw new UsageError("--lpips-net and --lpips-linear belong together: give both");
  }
  const files = { backbone: context.path(lpipsNet), linear: context.path(lpipsLinear) };
  return await loadLpips(files, { device: device as Device });
}

/** At most `most` clips, spread over the data set; pictures and masks alone. */
async function readClips(folder: string, most: number): Promise<MaskedClip[]> {
  using dataset = await openDataset(folder);
  const count = Math.min(most, dataset.count);
  const clips: MaskedClip[] = [];
  for (let i = 0; i < count; i++) {
    const { frames, mask } = await dataset.clip(Math.floor(i * dataset.count / count));
    clips.push({ frames, mask });
  }
  return clips;
}
