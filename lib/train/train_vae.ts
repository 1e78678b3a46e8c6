import { join } from "node:path";
import { InputError } from "../errors.ts";
import type { PerceptualDistance } from "../models/perceptual/mod.ts";
import {
  saveVideoVae,
  spatialFactor,
  startVideoVae,
  temporalFactor,
  VideoVae,
} from "../models/video_vae/mod.ts";
import { Vars } from "../nn/mod.ts";
import {
  cat,
  type Device,
  div,
  flatten,
  mean,
  noGrad,
  scope,
  std,
  transpose,
} from "../tensor/mod.ts";
import { Ranks } from "./distributed/mod.ts";
import { fitPca, type PcaFit } from "./fit_pca.ts";
import type { VaeTrainConfig } from "./train_vae_config.ts";
import type { CropLoader, MaskedClip } from "./loader/mod.ts";
import { wholeClip } from "./train_vae_data.ts";
import { isSheetDue, reconstructionSheet, writeSheet } from "./sample_sheet.ts";
import { Trainer, type TrainOptions } from "./trainer.ts";
import { PictureErrors, psnrOf } from "./vae_losses.ts";
import { VaeObjective } from "./vae_objective.ts";

/** Quality of a VideoVAE on whole clips, in dB. */
export interface VaeQuality {
  /** Over all pixels. */
  readonly psnr: number;
  /** Over the pixels of the person alone. */
  readonly personPsnr: number;
  /** How many were measured. */
  readonly clips: number;
}

/** What a VideoVAE training run reads, writes and reports. */
export interface TrainVaeOptions extends Omit<TrainOptions, "onCheckpoint"> {
  /** Clips to fit the PCA and measure the latents on, and to train on where there is no `loader`. */
  readonly clips: readonly MaskedClip[];
  /** Hands out the samples; the caller closes it. */
  readonly loader?: CropLoader;
  /** Held-out clips; measured before the first step and at every checkpoint. */
  readonly validation?: readonly MaskedClip[];
  /** Weights to begin with; a PCA in them is taken over instead of fitted. */
  readonly init?: string;
  /** The perceptual net, where `loss.perceptual` asks for one. */
  readonly perceptual?: PerceptualDistance;
  /** Default "cpu". */
  readonly device?: Device;
  /** The processes that train together. Default: this one alone. */
  readonly ranks?: Ranks;
  /** Called when the PCA has been fitted. */
  readonly onPca?: (fit: Pick<PcaFit, "blocks" | "explained">) => void;
  /** Called with each measurement. */
  readonly onValidation?: (report: VaeQuality & { readonly step: number }) => void;
}

/**
 * Trains a VideoVAE: fits the PCA where the model has one, then trains the nets if it has any, and
 * writes the averaged weights to `out/vae.safetensors` at each checkpoint. Returns the last step.
 */
export async function trainVae(config: VaeTrainConfig, options: TrainVaeOptions): Promise<number> {
  const { out, validation, ranks = Ranks.alone } = options;
  const vae = await startingModel(config, options);
  const path = join(out, "vae.safetensors");
  const measure = (step: number): number | undefined => {
    if (!validation?.length) return undefined;
    const quality = measureVae(vae, validation, ranks);
    options.onValidation?.({ step, ...quality });
    return -quality.psnr;
  };
  try {
    await Deno.mkdir(out, { recursive: true });
    measure(0);
    if (vae.vars.countParameters() === 0) {
      if (ranks.rank === 0) await saveVideoVae(path, vae, { step: "0", about: config.about });
      return 0;
    }
    // The linear latent too, which each rank has fitted for itself.
    ranks.copyFromFirst(vae.vars.named().values());
    const { clips, loader, perceptual } = options;
    const objective = new VaeObjective(config, { vae, clips, loader, perceptual, ranks });
    const trainer = new Trainer(objective.task(), config.settings, ranks);
    try {
      return await trainer.run({
        ...options,
        // The averages stand in the parameters' place while they are measured and written.
        onCheckpoint: (_path, step) =>
          trainer.ema.use(async () => {
            const loss = measure(step);
            measureLatents(vae, clips);
            if (ranks.rank > 0) return loss;
            if (isSheetDue(step, config) && validation?.length) {
              await writeSheet(out, step, reconstructionSheet(vae, validation, config.samples));
            }
            await saveVideoVae(path, vae, { step: String(step), about: config.about });
            return loss;
          }),
      });
    } finally {
      trainer.dispose();
      objective.dispose();
    }
  } finally {
    vae.vars.dispose();
  }
}

/** PSNR over all pixels and over the person's, on whole clips; each rank takes its share of them. */
function measureVae(
  vae: VideoVae,
  clips: readonly MaskedClip[],
  ranks: Ranks = Ranks.alone,
): VaeQuality {
  const errors = new PictureErrors();
  for (const clip of clips.filter((_, i) => i % ranks.world === ranks.rank)) {
    scope(() =>
      noGrad(() => {
        const place = { step: vae.spatialFactor, device: vae.vars.device };
        const { video: truth, mask } = wholeClip(clip, place);
        errors.add(vae.decode(vae.encode(truth), { frames: truth.shape[2] }), { truth, mask });
      })
    );
  }
  const { all, person } = errors;
  for (const total of [all, person]) {
    [total.sum, total.count] = ranks.sum([total.sum, total.count]);
  }
  return { psnr: psnrOf(all), personPsnr: psnrOf(person), clips: clips.length };
}

/** Clips that the latents' statistics are taken from. */
const STATISTICS_CLIPS = 64;

/**
 * Sets the latents' shift and scale so that every channel comes out with mean 0 and variance 1 over
 * (up to 64 of) the clips, as flow matching's noise has.
 */
function measureLatents(vae: VideoVae, clips: readonly MaskedClip[]): void {
  const every = Math.max(1, Math.floor(clips.length / STATISTICS_CLIPS));
  const chosen = clips.filter((_, i) => i % every === 0).slice(0, STATISTICS_CLIPS);
  scope(() =>
    noGrad(() => {
      const rows = chosen.map((clip) =>
        scope(() => {
          const whole = wholeClip(clip, { step: vae.spatialFactor, device: vae.vars.device });
          const { mean } = vae.encodePosterior(whole.video);
          return flatten(transpose(mean, 0, 1), { startDim: 1 });
        })
      );
      const all_CN = cat(rows, 1);
      vae.setLatentStatistics({
        shift: mean(all_CN, { dim: 1 }),
        scale: div(1, std(all_CN, { dim: 1 })),
      });
    })
  );
}

/** The model with its first weights: given, or a fitted PCA, or random. */
async function startingModel(
  { model, settings, pca }: VaeTrainConfig,
  { clips, init, device = "cpu", onPca }: TrainVaeOptions,
): Promise<VideoVae> {
  if (clips.length === 0) throw new InputError("no clips to train on");
  if (init) return await startVideoVae(init, model, { device, seed: settings.seed });
  if (model.skip === "none") return new VideoVae(Vars.root({ device, seed: settings.seed }), model);
  const fit = await fitPca(clips, {
    ...pca,
    latentChannels: model.latentChannels,
    temporalFactor: temporalFactor(model),
    spatialFactor: spatialFactor(model),
    seed: settings.seed,
  });
  onPca?.(fit);
  const vae = VideoVae.fromPca(fit.basis, model, { device, seed: settings.seed });
  for (const value of Object.values(fit.basis)) value.dispose();
  return vae;
}
