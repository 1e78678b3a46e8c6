import { InputError } from "../../errors.ts";
import { cat, expand, narrow, pad, scope, type Tensor } from "../../tensor/mod.ts";

/** Latent frames T that F video frames make: frame 0 alone, then groups of f, the last one filled. */
export function latentFrames(frames: number, f: number): number {
  return 1 + Math.ceil((frames - 1) / f);
}

/** Video frames that T latent frames make. */
export function videoFrames(latents: number, f: number): number {
  return 1 + (latents - 1) * f;
}

/** Repeats the last frame of x [B,C,F,H,W] `count` times after it. */
export function repeatLast(x: Tensor, count: number): Tensor {
  if (count === 0) return x;
  const [B, C, F, H, W] = x.shape;
  return scope(() => cat([x, expand(narrow(x, 2, F - 1, 1), [B, C, count, H, W])], 2));
}

/** Throws {@linkcode InputError} unless x is a video [B,3,F≥1,H,W] with sides in steps of `step`. */
export function checkVideo(x: Tensor, step: number): void {
  const [, C, F, H, W] = x.shape;
  if (x.shape.length !== 5 || C !== 3 || F < 1) {
    throw new InputError(`a video is [B,3,F,H,W] with F ≥ 1; found [${x.shape}]`);
  }
  if (H % step !== 0 || W % step !== 0) {
    throw new InputError(`video of ${W}×${H}: width and height must be multiples of ${step}`);
  }
}

/** Throws {@linkcode InputError} unless z is latents [B,C,T≥1,h,w]. */
export function checkLatents(z: Tensor, channels: number): void {
  if (z.shape.length !== 5 || z.shape[1] !== channels || z.shape[2] < 1) {
    throw new InputError(`latents are [B,${channels},T,h,w] with T ≥ 1; found [${z.shape}]`);
  }
}

/** Repeats the right and bottom edges until both sides are multiples of `step`. */
export function padToGrid(video: Tensor, step: number): Tensor {
  const [H, W] = video.shape.slice(3);
  const [down, right] = [H, W].map((side) => Math.ceil(side / step) * step - side);
  if (down === 0 && right === 0) return video;
  return pad(video, [0, right, 0, down, 0, 0], { mode: "replicate" });
}

/** The upper left `height` × `width` of a video; undoes {@linkcode padToGrid}. */
export function cropTo(video: Tensor, height: number, width: number): Tensor {
  return scope(() => narrow(narrow(video, 3, 0, height), 4, 0, width));
}
