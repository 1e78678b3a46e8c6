/**
 * Trains the decoder of a VideoVAE that knows the prior; the latent stays what it is.
 * @module
 */
import { join } from "node:path";
import type { SynthClip } from "../../data/mod.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import type { PerceptualDistance } from "../../models/perceptual/mod.ts";
import { saveVideoVae, startVideoVae } from "../../models/video_vae/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { Ranks } from "../distributed/mod.ts";
import { Trainer, type TrainOptions } from "../trainer.ts";
import type { VaeTrainConfig } from "../train_vae_config.ts";
import { measurePrior, type PriorQuality } from "./measure.ts";
import { type PriorLoader, PriorObjective } from "./objective.ts";

/** What a run reads, writes and reports. */
export interface TrainPriorOptions extends Omit<TrainOptions, "onCheckpoint"> {
  readonly loader: PriorLoader;
  readonly body: BodyMesh;
  /** Weights with the latent to build on, and a prior decoder to go on from if they have one. */
  readonly init: string;
  /** Held-out clips; measured before the first step and at every checkpoint. */
  readonly validation?: readonly SynthClip[];
  /** The perceptual net, where `loss.perceptual` asks for one. */
  readonly perceptual?: PerceptualDistance;
  readonly device?: Device;
  readonly ranks?: Ranks;
  readonly onValidation?: (report: PriorQuality & { readonly step: number }) => void;
}

/** Trains and writes the averaged weights to `out/vae.safetensors`; returns the last step. */
export async function trainPrior(
  config: VaeTrainConfig,
  options: TrainPriorOptions,
): Promise<number> {
  const { out, loader, perceptual, body, validation, ranks = Ranks.alone } = options;
  const { init, device } = options;
  const vae = await startVideoVae(init, config.model, { device, seed: config.settings.seed });
  const path = join(out, "vae.safetensors");
  const measure = (step: number): number | undefined => {
    if (!validation?.length || ranks.rank > 0) return undefined;
    const quality = measurePrior(vae, body, validation);
    options.onValidation?.({ step, ...quality });
    return -quality.aloneClips;
  };
  try {
    await Deno.mkdir(out, { recursive: true });
    measure(0);
    const objective = new PriorObjective(config, { vae, loader, perceptual, ranks });
    const trainer = new Trainer(objective.task(), config.settings, ranks);
    try {
      return await trainer.run({
        ...options,
        onCheckpoint: (_path, step) =>
          trainer.ema.use(async () => {
            const loss = measure(step);
            if (ranks.rank === 0) {
              await saveVideoVae(path, vae, { step: String(step), about: config.about });
            }
            return loss;
          }),
      });
    } finally {
      trainer.dispose();
    }
  } finally {
    vae.vars.dispose();
  }
}
