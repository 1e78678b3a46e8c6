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
import { keepClip, type ScenePerson } from "../scene/mod.ts";
import type { Models } from "../weights/mod.ts";

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
  { background, backgroundGiven = true, cameras, persons }: ClipToldOf,
  options: SampleLatentsOptions,
): Promise<Frames> {
  const { width, height, count, fps } = background;
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
    const made = decodeFrames(models, latents, { fps, count, width, height });
    return backgroundGiven ? keepClip(made, body, { background, cameras, persons }) : made;
  } finally {
    disposeAll(conditions);
  }
}

/** A rendered person as generation is told of one. */
export function scenePersonOf(
  { poses, reference, referencePose, referenceCamera }: ClipToldOf["persons"][number],
): ScenePerson {
  return {
    poses,
    reference: { picture: reference, known: { body: referencePose, camera: referenceCamera } },
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
export function decodeFrames(
  models: Pick<Models, "vae">,
  latents: Tensor,
  { fps, count, width, height }: Omit<Frames, "data">,
): Frames {
  using video = scope(() =>
    noGrad(() => cropTo(models.vae.decode(latents, { frames: count }), height, width))
  );
  return videoToFrames(video, { fps });
}
