// F frames of a clip, K planes of the prior

/**
 * What a prior decoder makes of held-out clips, beside the prior alone.
 * @module
 */
import type { SynthClip } from "../../data/mod.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import type { VideoVae } from "../../models/video_vae/mod.ts";
import { full, generator, narrow, noGrad, randn, scope, type Tensor } from "../../tensor/mod.ts";
import { PictureErrors, psnrOf } from "../vae_losses.ts";
import { latentGuess, priorTensors } from "./objective.ts";
import { wholeWindow } from "./samples.ts";

/**
 * PSNR in dB over all pixels and over the persons', of the prior, the decoder on it alone, and with the
 * latent: pooled, and of whole pictures the mean of the clips' too.
 */
export interface PriorQuality {
  readonly priorClips: number;
  readonly aloneClips: number;
  readonly latentClips: number;
  readonly prior: number;
  readonly priorPerson: number;
  readonly alone: number;
  readonly alonePerson: number;
  readonly latent: number;
  readonly latentPerson: number;
}

/** Frames of a clip that are measured: 4n + 1 from the first on. */
const FRAMES = 5;

/** Measures a VideoVAE with a prior decoder on whole frames of held-out clips. */
export function measurePrior(
  vae: VideoVae,
  body: BodyMesh,
  clips: readonly SynthClip[],
): PriorQuality {
  const [prior, alone, latent] = Array.from({ length: 3 }, () => new ClipErrors());
  for (const clip of clips) {
    scope(() =>
      noGrad(() => {
        const bytes = wholeWindow(clip, body, { frames: FRAMES });
        const { planes, ...against } = priorTensors(bytes, vae.vars.device);
        const { truth } = against;
        const painted = narrow(planes, 1, 0, 3);
        using random = generator(0, vae.vars.device);
        const guess = latentGuess(vae, {
          ...{ truth, prior: painted, frames: FRAMES, t: [0] },
          noise: (shape) => randn([...shape], { generator: random, device: vae.vars.device }),
        });
        const at = (t: number, guess?: Tensor) =>
          vae.priorDecoder!.forward({
            planes,
            guess,
            t: full([FRAMES], t, { device: vae.vars.device }),
          });
        prior.add(painted, against);
        alone.add(at(1), against);
        latent.add(at(0, guess), against);
      })
    );
  }
  return {
    priorClips: prior.meanPsnr,
    aloneClips: alone.meanPsnr,
    latentClips: latent.meanPsnr,
    prior: psnrOf(prior.all),
    priorPerson: psnrOf(prior.person),
    alone: psnrOf(alone.all),
    alonePerson: psnrOf(alone.person),
    latent: psnrOf(latent.all),
    latentPerson: psnrOf(latent.person),
  };
}

/** Squared errors of clips, pooled, and each clip's PSNR. */
class ClipErrors extends PictureErrors {
  readonly #psnr: number[] = [];

  override add(...clip: Parameters<PictureErrors["add"]>): void {
    const one = new PictureErrors();
    one.add(...clip);
    this.#psnr.push(psnrOf(one.all));
    super.add(...clip);
  }

  /** dB */
  get meanPsnr(): number {
    return this.#psnr.reduce((sum, psnr) => sum + psnr, 0) / this.#psnr.length;
  }
}
