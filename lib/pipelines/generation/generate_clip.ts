/**
 * A rendered clip's person, motion, camera and background through the models, without files between:
 * what evaluation measures. No picture of the true clip enters.
 * @module
 */
import type { SynthClip } from "../../data/mod.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import { type Frames, streamOf } from "../../io/mod.ts";
import { cropTo, framesToVideo, videoToFrames } from "../../models/video_vae/mod.ts";
import { disposeAll, noGrad, scope, type Tensor } from "../../tensor/mod.ts";
import { encodeConditions, sampleLatents, type SampleLatentsOptions } from "../sampling/mod.ts";
import { paintBody, priorClip } from "../../prior/mod.ts";
import { keepClip, type ScenePerson } from "../scene/mod.ts";
import { type Models, readsPrior } from "../weights/mod.ts";
import { decodeOverPrior, lastFlowTime } from "./decode_over_prior.ts";

/** What generation is told of a rendered clip: its truth is left out. */
export interface ClipToldOf {
  readonly persons: readonly (
    & Pick<
      SynthClip["persons"][number],
      "poses" | "reference" | "referencePose" | "referenceCamera"
    >
    & Partial<Pick<SynthClip["persons"][number], "referenceMask">>
  )[];
  readonly cameras: SynthClip["cameras"];
  /** The empty scene: of its size, rate and length the clip will be. */
  readonly background: SynthClip["background"];
  /** Whether the model is given the background; default true. Sets of kind `mask` have none. */
  readonly backgroundGiven?: boolean;
}

/** Generates the clip that the conditions describe. */
export async function generateClip(
  models: Models,
  body: BodyMesh,
  clip: ClipToldOf,
  options: SampleLatentsOptions,
): Promise<Frames> {
  const { background, backgroundGiven = true, cameras, persons } = clip;
  const { width, height } = background;
  const conditions = await encodeConditions(models, {
    body,
    persons: persons.map(scenePersonOf),
    cameras,
    width,
    height,
    background: backgroundGiven ? streamOf(background).frames : undefined,
  });
  try {
    using latents = await sampleLatents(models.dit, conditions, options);
    return await decodeTold(models, { body, clip, latents }, options);
  } finally {
    disposeAll(conditions);
  }
}

/** A clip that was told of, and what was sampled for it. */
export interface SampledClip {
  readonly body: BodyMesh;
  readonly clip: ClipToldOf;
  /** [1, C, T, h, w] */
  readonly latents: Tensor;
}

/** The pictures of a clip's latents, with what is known of them: its prior, or its background. */
export async function decodeTold(
  { vae, dit, device }: Models,
  { body, clip, latents }: SampledClip,
  sampling: Pick<SampleLatentsOptions, "steps" | "flowShift" | "sampler" | "dtype">,
): Promise<Frames> {
  const { background, backgroundGiven = true, cameras, persons } = clip;
  if (!readsPrior(dit.config)) {
    const made = decodeFrames({ vae }, latents, background);
    return backgroundGiven ? keepClip(made, body, { background, cameras, persons }) : made;
  }
  const { width, height, count, fps } = background;
  const painted = priorClip(clip).persons.map(({ reference }) => paintBody(body, reference));
  const frames = decodeOverPrior(vae, {
    stored: { latents, frames: count, width, height, fps },
    scene: { persons: persons.map(scenePersonOf), cameras },
    painted,
    openBackground: () => Promise.resolve(backgroundGiven ? picturesOf(background) : undefined),
    t: lastFlowTime(sampling),
    dtype: sampling.dtype,
  }, { device });
  const data = new Uint8Array(background.data.length);
  let at = 0;
  for await (const frame of frames) {
    data.set(frame, at);
    at += frame.length;
  }
  return { ...background, data };
}

async function* picturesOf(frames: Frames): AsyncGenerator<Uint8Array> {
  yield* streamOf(frames).frames;
}

/** A rendered person as generation is told of one. */
export function scenePersonOf(
  { poses, reference, referencePose, referenceCamera, referenceMask }: ClipToldOf["persons"][
    number
  ],
): ScenePerson {
  const { width, height } = reference;
  return {
    poses,
    reference: {
      picture: reference,
      known: { body: referencePose, camera: referenceCamera },
      mask: referenceMask && { width, height, data: referenceMask },
    },
  };
}

/** A clip through the VideoVAE and back. */
export function throughVae(models: Pick<Models, "vae" | "device">, clip: Frames): Frames {
  using latents = scope(() =>
    noGrad(() => models.vae.encode(framesToVideo(clip, { device: models.device })))
  );
  return decodeFrames(models, latents, clip);
}

/** The pictures of latents [1, C, T, h, w], cut to the clip's size. */
function decodeFrames(
  models: Pick<Models, "vae">,
  latents: Tensor,
  { fps, count, width, height }: Omit<Frames, "data">,
): Frames {
  using video = scope(() =>
    noGrad(() => cropTo(models.vae.decode(latents, { frames: count }), height, width))
  );
  return videoToFrames(video, { fps });
}
