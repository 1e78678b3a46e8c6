// F frames of a clip, K planes of the prior

/**
 * What a prior decoder makes of held-out clips, beside the prior alone.
 * @module
 */
import type { SynthClip } from "../../data/mod.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import type { VideoVae } from "../../models/video_vae/mod.ts";
import {
  clamp,
  full,
  generator,
  item,
  mul,
  narrow,
  noGrad,
  randn,
  scope,
  sub,
  sum,
  type Tensor,
} from "../../tensor/mod.ts";
import { psnrOf } from "../vae_losses.ts";
import { latentGuess, priorTensors } from "./objective.ts";
import { wholeWindow } from "./samples.ts";

/** PSNR in dB over all pixels and over the persons', of the prior, the decoder on it alone, and with the latent. */
export interface PriorQuality {
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
  const sums = { prior: error(), alone: error(), latent: error() };
  for (const clip of clips) {
    scope(() =>
      noGrad(() => {
        const bytes = wholeWindow(clip, body, { frames: FRAMES });
        const { truth, planes, mask } = priorTensors(bytes, vae.vars.device);
        const prior = narrow(planes, 1, 0, 3);
        using random = generator(0, vae.vars.device);
        const guess = latentGuess(vae, {
          ...{ truth, prior, frames: FRAMES, t: [0] },
          noise: (shape) => randn([...shape], { generator: random, device: vae.vars.device }),
        });
        const at = (t: number, guess?: Tensor) =>
          vae.priorDecoder!.forward({
            planes,
            guess,
            t: full([FRAMES], t, { device: vae.vars.device }),
          });
        for (
          const [name, made] of [["prior", prior], ["alone", at(1)], [
            "latent",
            at(0, guess),
          ]] as const
        ) addError(sums[name], made, { truth, mask });
      })
    );
  }
  return {
    prior: psnrOf(sums.prior.all),
    priorPerson: psnrOf(sums.prior.person),
    alone: psnrOf(sums.alone.all),
    alonePerson: psnrOf(sums.alone.person),
    latent: psnrOf(sums.latent.all),
    latentPerson: psnrOf(sums.latent.person),
  };
}

function error() {
  return { all: { sum: 0, count: 0 }, person: { sum: 0, count: 0 } };
}

function addError(
  into: ReturnType<typeof error>,
  made: Tensor,
  { truth, mask }: { readonly truth: Tensor; readonly mask: Tensor },
): void {
  const difference = sub(clamp(made, { min: -1, max: 1 }), truth);
  const square = mul(difference, difference);
  into.all.sum += item(sum(square));
  into.all.count += truth.numel;
  into.person.sum += item(sum(mul(square, mask)));
  into.person.count += 3 * item(sum(mask));
}
