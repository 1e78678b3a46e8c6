// H W the frame's size, h w the decoder's, K planes of the prior

/**
 * Frames of the prior, corrected by a VideoVAE's decoder. The decoder works at its own size; what it
 * corrects is scaled up onto the prior at the frame's, so that the reference's detail stays.
 * @module
 */
import { InputError } from "../../errors.ts";
import { type Camera, scaleCamera } from "../../geometry/mod.ts";
import {
  framesToVideo,
  loadVideoVae,
  overPrior,
  priorPlanesTensor,
  videoBytes,
  type VideoVae,
} from "../../models/video_vae/mod.ts";
import {
  drawPrior,
  heightInPicture,
  PACKED_PLANES,
  packPlanes,
  type PriorFrame,
  type PriorPlanes,
} from "../../prior/mod.ts";
import { withProducts } from "../../nn/mod.ts";
import {
  add,
  type Device,
  type DType,
  mul,
  narrow,
  noGrad,
  reshape,
  scope,
  squeeze,
  sub,
  type Tensor,
  to,
  toArray,
  upsampleBilinear2d,
  upsampleBilinear2dAa,
} from "../../tensor/mod.ts";

/** Shorter side, in pixels, of the frames that the decoder has learned from. */
const DECODER_SIDE = 256;

/** The size at which the decoder works on frames of a size. */
export function decoderSize({ width, height }: PictureSize): PictureSize {
  const share = DECODER_SIDE / Math.min(width, height);
  if (share >= 1) return { width, height };
  return { width: Math.round(width * share), height: Math.round(height * share) };
}

/** Flow time at which nothing but the prior is known. */
const PRIOR_ALONE = 1;

/** Reads a VideoVAE. Throws {@linkcode InputError} for one without a decoder that knows the prior. */
export async function loadPriorDecoder(videoVae: string, device: Device): Promise<VideoVae> {
  const vae = await loadVideoVae(videoVae, { device });
  if (vae.priorDecoder) return vae;
  vae.vars.dispose();
  throw new InputError(
    `"${videoVae}" has no decoder that knows the prior: put an isa_dit.safetensors beside it`,
  );
}

/** What a frame's latent decodes to, beside what the prior's own latent does, rgb24 of one size. */
export interface LatentFrame {
  readonly width: number;
  readonly height: number;
  readonly made: Uint8Array;
  readonly known: Uint8Array;
  /** Flow time at which sampling ended. */
  readonly t: number;
}

/**
 * Draws a frame of the prior and corrects it, by what a latent says beside the prior and by the decoder
 * that knows it, where there is one; rgb24 of the camera's size.
 */
export function correctPrior(
  vae: VideoVae,
  { figures, camera, ...options }: PriorFrame,
  { dtype = vae.vars.products, latent }: {
    readonly dtype?: DType;
    readonly latent?: LatentFrame;
  } = {},
): Uint8Array {
  const small = scaleCamera(camera, decoderSize(camera));
  const fits = small.height === camera.height && small.width === camera.width;
  const { background } = options;
  const { device } = vae.vars;
  const tall = (camera: Camera) => heightInPicture(camera, figures);
  const drawn = drawPrior(figures, camera, options);
  return noGrad(() =>
    scope(() => {
      const there = fits ? drawn : drawPrior(figures, small, {
        background: background && shrink(background, camera, small),
      });
      const planes = planesOf(there, { tall: tall(small), device });
      const says = latent && differenceOf(latent, device);
      const guess = says && resized(says, small);
      const made = to(
        withProducts({ device, dtype }, () =>
          overPrior(vae, { planes, guess, t: latent?.t ?? PRIOR_ALONE })),
        { dtype: "float32" },
      );
      if (fits) {
        return bytesOf(made);
      }
      const correction = sub(made, narrow(planes, 1, 0, 3));
      const large = to(squeeze(pictureOf(drawn.rgb, camera), 2), { device });
      // What the latent says is known in more detail than the decoder takes.
      const finer = says && says.shape[2] > small.height;
      if (!finer) {
        return bytesOf(add(large, resized(correction, camera)));
      }
      const near = narrow(planes, 1, PACKED_PLANES - 1, 1);
      const rest = resized(sub(correction, mul(guess!, near)), camera);
      const wide = narrow(
        planesOf(drawn, { tall: tall(camera), device }),
        1,
        PACKED_PLANES - 1,
        1,
      );
      return bytesOf(add(large, add(rest, mul(resized(says, camera), wide))));
    })
  );
}

function planesOf(
  drawn: PriorPlanes,
  { tall, device }: { readonly tall: number; readonly device: Device },
): Tensor {
  const { width, height } = drawn;
  return priorPlanesTensor(packPlanes(drawn, { tall }), [1, height, width], device);
}

/** What the latent says beyond the prior's, [1, 3, h, w]. */
function differenceOf({ made, known, ...size }: LatentFrame, device: Device): Tensor {
  return scope(() => {
    const [one, other] = [made, known].map((data) => squeeze(pictureOf(data, size), 2));
    return to(sub(one, other), { device });
  });
}

/** Pictures [1, C, h, w] at another size. */
function resized(x: Tensor, { width, height }: PictureSize): Tensor {
  const [, , h, w] = x.shape;
  if (h === height && w === width) return x;
  return h > height
    ? upsampleBilinear2dAa(x, [height, width], false)
    : upsampleBilinear2d(x, [height, width], false);
}

interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** rgb24 → [1, 3, 1, H, W] in −1..1. */
function pictureOf(data: Uint8Array, { width, height }: PictureSize): Tensor {
  return framesToVideo({ data, width, height, count: 1, fps: 1 });
}

function shrink(data: Uint8Array, from: Camera, { width, height }: Camera): Uint8Array {
  return scope(() =>
    bytesOf(upsampleBilinear2dAa(squeeze(pictureOf(data, from), 2), [height, width], false))
  );
}

/** [1, 3, H, W] in −1..1 → rgb24. */
function bytesOf(picture: Tensor): Uint8Array {
  const [, C, H, W] = picture.shape;
  return scope(() => toArray(videoBytes(reshape(picture, [1, C, 1, H, W]))) as Uint8Array);
}
