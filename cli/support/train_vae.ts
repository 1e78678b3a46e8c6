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
import { readTrainConfig } from "./train_config.ts";
import { TrainLog } from "./train_log.ts";

/** Flags of `isa4d train vae`. */
export interface TrainVaeFlags {
  readonly config: string;
  readonly set?: readonly string[];
  readonly printConfig?: boolean;
  readonly data?: string;
  readonly validation?: string;
  readonly init?: string;
  readonly lpipsNet?: string;
  readonly lpipsLinear?: string;
  readonly out: string;
  readonly resume?: string;
  readonly device: string;
}

/** Held-out clips that are measured at every checkpoint. */
const VALIDATION_CLIPS = 16;

/** Trains as the flags say. */
export async function runTrainVae(flags: TrainVaeFlags, context: Context): Promise<void> {
  const config = parseVaeTrainConfig(await readTrainConfig(flags, vaeTrainPresets, context));
  if (flags.printConfig) return await context.print(JSON.stringify(config, null, 2));
  if (!flags.data) throw new UsageError("--data is needed: a data set made by `isa4d synth`");
  const out = context.path(flags.out);
  using log = await TrainLog.open(out, context);
  const { resume, validation } = flags;
  const perceptual = await openLpips(flags, context);
  await trainVae(config, {
    lpips: perceptual?.lpips,
    clips: await readClips(context.path(flags.data), config.clips),
    validation: validation && await readClips(context.path(validation), VALIDATION_CLIPS) ||
      undefined,
    init: flags.init && context.path(flags.init),
    out,
    resume: resume === undefined || resume === "auto" ? resume : context.path(resume),
    device: flags.device as Device,
    signal: context.signal,
    onPca: ({ blocks, explained }) => log.record({ kind: "pca", blocks, explained }),
    onStep: (step) => log.step(step),
    onValidation: (report) => log.record({ ...report, kind: "validation" }),
  }).finally(() => perceptual?.vars.dispose());
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
