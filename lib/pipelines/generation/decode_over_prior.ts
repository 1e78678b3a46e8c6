/**
 * Sampled latents as pictures over the prior: what a latent says beside the prior's own latent is added
 * to the painted picture, so that what is known of it stays.
 * @module
 */
import { makeScheduler, type Sampler } from "../../diffusion/mod.ts";
import { scaleCamera } from "../../geometry/mod.ts";
import type { VideoVae } from "../../models/video_vae/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import type { DType } from "../../tensor/mod.ts";
import {
  decodeLatents,
  fillCamera,
  fillFrames,
  type PictureSize,
  reconstructClip,
  type ReconstructOptions,
} from "../codec/mod.ts";
import type { Job } from "../job/mod.ts";
import type { StoredLatents } from "../record/mod.ts";
import { drawScene, type Scene, sceneFrames } from "../scene/mod.ts";
import { correctPrior } from "./prior_correction.ts";

/** Latents and the prior that they were sampled around. */
export interface PriorDecoding {
  /** Of the frames' size, or smaller. */
  readonly stored: StoredLatents;
  /** Of the frames' size. */
  readonly scene: Pick<Scene, "persons" | "cameras">;
  readonly painted: readonly PaintedBody[];
  /** Opens pictures of a size, one a frame; undefined where no background is given. */
  readonly openBackground: (size: PictureSize) => Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Flow time at which sampling ended. */
  readonly t: number;
  readonly dtype?: DType;
}

/** Frames of the scene's size, decoded as they are asked for. */
export async function* decodeOverPrior(
  vae: VideoVae,
  { stored, scene, painted, openBackground, t, dtype }: PriorDecoding,
  options: ReconstructOptions = {},
): AsyncGenerator<Uint8Array> {
  const { width, height, fps, latents: { shape: [, , , h, w] } } = stored;
  const size = { width, height };
  // As the model was told of it: filled up to whole squares.
  const filled = { width: w * vae.spatialFactor, height: h * vae.spatialFactor };
  const cameras = scene.cameras.map((camera) => fillCamera(scaleCamera(camera, size), filled));
  const behind = await openBackground(size);
  const wide = behind && fillFrames(behind, { from: size, to: filled });
  const painting = picturesOf(drawScene({ ...scene, cameras }, painted, wide));
  const { onFrames: _told, ...quiet } = options;
  const known = reconstructClip(vae, { ...filled, fps, frames: painting }, quiet);
  const frames = sceneFrames(scene, painted, await openBackground(scene.cameras[0]));
  try {
    for await (const made of decodeLatents(vae, stored, options)) {
      const [own, frame] = [await known.next(), await frames.next()];
      if (own.done || frame.done) return;
      const cut = upperLeft(own.value.restored, { from: filled, to: size });
      yield correctPrior(vae, frame.value, { dtype, latent: { ...size, made, known: cut, t } });
    }
  } finally {
    await known.return(undefined);
    await frames.return(undefined);
  }
}

/** The upper left part of an rgb24 picture. */
function upperLeft(
  data: Uint8Array,
  { from, to }: { readonly from: PictureSize; readonly to: PictureSize },
): Uint8Array {
  if (from.width === to.width) return data.subarray(0, to.width * to.height * 3);
  const out = new Uint8Array(to.width * to.height * 3);
  for (let y = 0; y < to.height; y++) {
    const row = y * from.width * 3;
    out.set(data.subarray(row, row + to.width * 3), y * to.width * 3);
  }
  return out;
}

async function* picturesOf(
  drawn: AsyncIterable<{ readonly rgb: Uint8Array }>,
): AsyncGenerator<Uint8Array> {
  for await (const { rgb } of drawn) yield rgb;
}

/** Flow time of a walk's last evaluation: what it says of the clean latents is what is decoded. */
export function lastFlowTime(
  { sampler, steps, flowShift: shift }: Pick<Job, "steps" | "flowShift"> & {
    readonly sampler?: Sampler;
  },
): number {
  return makeScheduler(sampler ?? "euler", { steps, shift }).timesteps.at(-1)!;
}
