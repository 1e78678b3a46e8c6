/**
 * From pictures and geometry to the conditions that latents are sampled under, for the job's files and
 * the renderer's clips alike.
 * @module
 */
import type { IsaDitConditions } from "../../models/isa_dit/mod.ts";
import { latentFrames } from "../../models/video_vae/mod.ts";
import { disposeAll } from "../../tensor/mod.ts";
import type { Models } from "../weights/mod.ts";
import { conditionMaker, type SeenClip } from "./condition_maker.ts";
import { encodePictures, type EncodePicturesOptions, type SceneClip } from "./encode_pictures.ts";
import { WindowedConditions, type WindowSize } from "./windowed_conditions.ts";

/** Of a whole clip or of its windows. */
export type ClipOrWindows = IsaDitConditions | WindowedConditions;

/** Encodes a clip, with `size` for windows; the caller frees the conditions. */
export async function encodeConditions<Size extends WindowSize | undefined = undefined>(
  models: Models,
  clip: SceneClip,
  options: EncodePicturesOptions & { readonly size?: Size } = {},
): Promise<Size extends undefined ? IsaDitConditions : ClipOrWindows> {
  const pictures = await encodePictures(models, clip, options);
  try {
    return await conditionsOf(models, clip, [{ cameras: clip.cameras, pictures }], options);
  } finally {
    disposeAll(pictures);
  }
}

/** Of views whose pictures are encoded, likewise. */
export async function conditionsOf<Size extends WindowSize | undefined = undefined>(
  models: Models,
  clip: Pick<SceneClip, "body" | "persons" | "width" | "height">,
  views: readonly SeenClip[],
  { size, signal }: { readonly size?: Size; readonly signal?: AbortSignal } = {},
): Promise<Size extends undefined ? IsaDitConditions : ClipOrWindows> {
  const { dit: { config }, device } = models;
  const maker = conditionMaker(models, clip, views);
  const [{ cameras, pictures: { h, w } }] = views;
  const T = latentFrames(cameras.length, config.temporalFactor);
  const shape = [views.length, config.latentChannels, T, h, w];
  const made = size
    ? await WindowedConditions.make(maker, { shape, device, size, signal })
    : { ...maker.clip(), ...maker.frames() };
  return made as Size extends undefined ? IsaDitConditions : ClipOrWindows;
}

/** Of the latents that are sampled under conditions. */
export function latentsUnder(
  conditions: ClipOrWindows,
): Pick<WindowedConditions, "shape" | "device"> {
  return conditions instanceof WindowedConditions ? conditions : conditions.background;
}
