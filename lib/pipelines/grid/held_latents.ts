/**
 * Latents of a grid that are given and stay as they are.
 * @module
 */
import type { FrameStream } from "../../io/mod.ts";
import {
  cat,
  disposeAll,
  narrow,
  noGrad,
  ones,
  scope,
  type Tensor,
  zeros,
} from "../../tensor/mod.ts";
import { encodeClip, filledSize, fillFrames } from "../codec/mod.ts";
import type { Models } from "../weights/mod.ts";
import type { GivenPictures } from "./given.ts";
import type { GridJob } from "./grid_job.ts";

// V views, C latent channels, T latent frames, h×w latent size

/** Latents that stay as they are. */
export interface HeldLatents {
  /** [V, C, T, h, w], zeros where nothing is given. */
  readonly clean: Tensor;
  /** 1 where given, [V, 1, T, 1, 1]. */
  readonly mask: Tensor;
}

/** Given pictures as latents; undefined where there are none. The caller frees them. */
export async function encodeGiven(
  models: Models,
  { job, views }: GridJob,
  given: GivenPictures,
  { shape, signal }: { readonly shape: readonly number[]; readonly signal?: AbortSignal },
): Promise<HeldLatents | undefined> {
  if (given.views.size === 0 && !given.instant) return undefined;
  const { vae, device } = models;
  const { fps, vaeTiling: tiling } = job;
  const size = filledSize(models, job);
  const encode = async (pictures: FrameStream["frames"]) => {
    const frames = fillFrames(pictures, { from: job, to: size });
    return (await encodeClip(vae, { ...size, fps, frames }, { device, signal, tiling })).latents;
  };
  const [, C, T, h, w] = shape;
  const rows: { clean: Tensor; mask: Tensor }[] = [];
  try {
    for (let view = 0; view < views; view++) {
      const pictures = given.views.get(view)?.stream().frames ??
        (given.instant && [given.instant[view]]);
      using latents = pictures && await encode(pictures);
      rows.push(scope(() => {
        const known = latents?.shape[2] ?? 0;
        const rest = zeros([1, C, T - known, h, w], { device });
        const flags = [
          ones([1, 1, known, 1, 1], { device }),
          zeros([1, 1, T - known, 1, 1], { device }),
        ];
        return { clean: latents ? cat([latents, rest], 2) : rest, mask: cat(flags, 2) };
      }));
    }
    return scope(() =>
      noGrad(() => ({
        clean: cat(rows.map(({ clean }) => clean), 0),
        mask: cat(rows.map(({ mask }) => mask), 0),
      }))
    );
  } finally {
    disposeAll(rows);
  }
}

/** View `view` of grid latents, [1, C, T, h, w], a view of the tensor. */
export function viewOf(latents: Tensor, view: number): Tensor {
  return narrow(latents, 0, view, 1);
}
