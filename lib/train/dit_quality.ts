// F frames of a clip, K planes of the prior, C latent channels, T latent frames

/**
 * What an ISA-DiT makes of held-out clips as pictures, beside the prior alone.
 * @module
 */
import type { HumanClip } from "../data/mod.ts";
import { makeScheduler } from "../diffusion/mod.ts";
import type { BodyMesh } from "../geometry/mod.ts";
import { type IsaDit, type IsaDitConditions, PRIOR_MAP } from "../models/isa_dit/mod.ts";
import {
  framesToVideo,
  overPrior,
  priorPlanesTensor,
  videoBytes,
  type VideoVae,
} from "../models/video_vae/mod.ts";
import {
  heightInPicture,
  PACKED_PLANES,
  packPlanes,
  type PriorClip,
  priorFrames,
} from "../prior/mod.ts";
import {
  contiguous,
  fromBytes,
  narrow,
  noGrad,
  permute,
  reshape,
  scope,
  sub,
  type Tensor,
  to,
  toArray,
} from "../tensor/mod.ts";
import type { DitData } from "./dit_data.ts";
import { type Picture, sampleClip, type SamplingOptions } from "./sample_sheet.ts";
import { PictureErrors, psnrOf } from "./vae_losses.ts";

/** PSNR in dB, over all pixels and over the persons', of sampled clips, of one step, of the prior. */
export interface DitQuality {
  readonly psnr: number;
  readonly personPsnr: number;
  readonly oneStepPsnr: number;
  readonly oneStepPersonPsnr: number;
  readonly priorPsnr: number;
  readonly priorPersonPsnr: number;
}

/** A held-out clip whose pictures are there. */
export interface HeldOutPictures {
  /** Its number among the held-out latents. */
  readonly index: number;
  readonly clip: HumanClip;
}

/** What pictures are measured with. */
export interface QualityOptions {
  readonly vae: VideoVae;
  readonly body: BodyMesh;
  readonly data: DitData;
  readonly clips: readonly HeldOutPictures[];
  readonly sampling: Omit<SamplingOptions, "clips">;
}

/** Measures, and gives rows of pictures of the first `sheet` clips: truth, prior alone, made. */
export function measureDit(
  model: IsaDit,
  { sheet, ...options }: QualityOptions & { readonly sheet: number },
): { readonly quality: DitQuality; readonly rows: readonly (readonly Picture[])[] } {
  const [made, oneStep, alone] = Array.from({ length: 3 }, () => new PictureErrors());
  const rows: (readonly Picture[])[] = [];
  for (const [number, held] of options.clips.entries()) {
    scope(() =>
      noGrad(() => {
        const shown = known(held.clip, options);
        const sampled = picturesOf(model, { held, planes: shown.planes }, options);
        const single = { ...options, sampling: { ...options.sampling, ...SINGLE } };
        made.add(sampled, shown);
        oneStep.add(picturesOf(model, { held, planes: shown.planes }, single), shown);
        alone.add(shown.prior, shown);
        if (number >= sheet) return;
        rows.push(...[shown.truth, shown.prior, sampled].map(rowOf));
      })
    );
  }
  const [psnr, oneStepPsnr, priorPsnr] = [made, oneStep, alone].map(({ all }) => psnrOf(all));
  const [personPsnr, oneStepPersonPsnr, priorPersonPsnr] = [made, oneStep, alone]
    .map(({ person }) => psnrOf(person));
  return {
    quality: { psnr, personPsnr, oneStepPsnr, oneStepPersonPsnr, priorPsnr, priorPersonPsnr },
    rows,
  };
}

const SINGLE = { steps: 1, cfgScale: 1, flowShift: 1 } as const;

/** What is known of a clip's pictures. */
interface KnownPictures {
  /** [F, 3, H, W] in −1..1 */
  readonly truth: Tensor;
  /** 1 on the persons, [F, 1, H, W]. */
  readonly mask: Tensor;
  /** [F, K, H, W] */
  readonly planes: Tensor;
  /** [F, 3, H, W] */
  readonly prior: Tensor;
}

function known(clip: HumanClip, { vae, body }: QualityOptions): KnownPictures {
  const { device } = vae.vars;
  const { frames: { width: W, height: H, count: F } } = clip;
  const packed = new Uint8Array(F * H * W * PACKED_PLANES);
  let at = 0;
  for (const drawn of priorFrames(body, priorClipOf(clip))) {
    const poses = clip.persons.map(({ poses }) => ({ pose: poses[at] }));
    const tall = heightInPicture(clip.cameras[at], poses);
    packed.set(packPlanes(drawn, { tall }), at++ * H * W * PACKED_PLANES);
  }
  const persons = Uint8Array.from(clip.mask!, (who) => who > 0 ? 1 : 0);
  const planes = priorPlanesTensor(packed, [F, H, W], device);
  return {
    truth: framesFirst(framesToVideo(clip.frames, { device })),
    mask: to(reshape(fromBytes(persons, { shape: [F, H, W], dtype: "uint8" }), [F, 1, H, W]), {
      dtype: "float32",
      device,
    }),
    planes,
    prior: narrow(planes, 1, 0, 3),
  };
}

/** A clip as the prior takes it. */
function priorClipOf({ persons, cameras, background }: HumanClip): PriorClip {
  const size = background ? background.width * background.height * 3 : 0;
  return {
    persons: persons.map(({ poses, reference: { picture, known, mask } }) => ({
      poses,
      reference: { picture, pose: known.body, camera: known.camera, mask },
    })),
    cameras,
    ...background
      ? { background: (frame) => background.data.subarray(frame * size, (frame + 1) * size) }
      : {},
  };
}

/** What is sampled of a clip, [F, 3, H, W]: over the prior for models around it. */
function picturesOf(
  model: IsaDit,
  { held, planes }: { readonly held: HeldOutPictures; readonly planes: Tensor },
  { vae, data, sampling }: QualityOptions,
): Tensor {
  return scope(() => {
    const { conditions } = data.clip(held.index);
    const latents = sampleClip(model, conditions, { ...sampling, clips: 1, seed: held.index });
    const decode = (z: Tensor) => framesFirst(vae.decode(z, { frames: planes.shape[0] }));
    const made = decode(latents);
    if (model.config.skip !== "prior") return made;
    const guess = sub(made, decode(priorLatent(conditions, latents)));
    const { timesteps } = makeScheduler("euler", { ...sampling, shift: sampling.flowShift });
    return overPrior(vae, { planes, guess, t: timesteps.at(-1)! });
  });
}

function priorLatent(conditions: IsaDitConditions, { shape: [, C] }: Tensor): Tensor {
  return narrow(conditions[PRIOR_MAP]!, 1, 0, C);
}

/** [1, 3, F, H, W] → [F, 3, H, W] */
function framesFirst(video: Tensor): Tensor {
  const [, , F, H, W] = video.shape;
  return scope(() => reshape(contiguous(permute(video, [0, 2, 1, 3, 4])), [F, 3, H, W]));
}

/** Frames of a row at most. */
const COLUMNS = 5;

function rowOf(pictures: Tensor): Picture[] {
  const [F, , height, width] = pictures.shape;
  const columns = Math.min(COLUMNS, F);
  return Array.from({ length: columns }, (_, column) => {
    const frame = Math.round(column * (F - 1) / Math.max(1, columns - 1));
    const data = scope(() =>
      toArray(videoBytes(reshape(narrow(pictures, 0, frame, 1), [1, 3, 1, height, width])))
    );
    return { width, height, data: data as Uint8Array };
  });
}
