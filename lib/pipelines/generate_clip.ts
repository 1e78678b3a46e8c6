/**
 * A rendered clip's person, motion, camera and background through the models, without files between:
 * what evaluation measures. No picture of the true clip enters.
 * @module
 */
import type { SynthClip } from "../data/mod.ts";
import type { BodyMesh } from "../geometry/mod.ts";
import { type Frames, streamOf } from "../io/mod.ts";
import { framesToVideo, videoToFrames } from "../models/video_vae/mod.ts";
import { noGrad, scope, type Tensor } from "../tensor/mod.ts";
import { encodeConditions } from "./conditions.ts";
import { disposeAll, sampleLatents, type SampleLatentsOptions } from "./sample.ts";
import type { Models } from "./weights.ts";

/** What generation is told of a rendered clip: its truth is left out. */
export type ClipConditionsOnly = Pick<
  SynthClip,
  "background" | "cameras" | "poses" | "reference" | "referencePose" | "referenceCamera"
>;

/** Generates the clip that the conditions describe. */
export async function generateClip(
  models: Models,
  body: BodyMesh,
  clip: ClipConditionsOnly,
  options: SampleLatentsOptions,
): Promise<Frames> {
  const { background, cameras, poses, reference, referencePose, referenceCamera } = clip;
  const { width, height, count, fps } = background;
  const known = { body: referencePose, camera: referenceCamera };
  const conditions = await encodeConditions(models, {
    body,
    persons: [{ poses, reference: { picture: reference, known } }],
    cameras,
    width,
    height,
    background: streamOf(background).frames,
  });
  try {
    using latents = await sampleLatents(models.dit, conditions, options);
    return decode(models, latents, { fps, count });
  } finally {
    disposeAll(conditions);
  }
}

/** A clip through the VideoVAE and back. */
export function throughVae(models: Models, clip: Frames): Frames {
  using latents = scope(() =>
    noGrad(() => models.vae.encode(framesToVideo(clip, { device: models.device })))
  );
  return decode(models, latents, clip);
}

function decode(
  models: Models,
  latents: Tensor,
  { fps, count }: { readonly fps: number; readonly count: number },
): Frames {
  using video = scope(() => noGrad(() => models.vae.decode(latents, { frames: count })));
  return videoToFrames(video, { fps });
}
