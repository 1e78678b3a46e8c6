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
  priorPlanesTensor,
  videoBytes,
  type VideoVae,
} from "../../models/video_vae/mod.ts";
import { drawPrior, heightInPicture, packPlanes, type PriorFrame } from "../../prior/mod.ts";
import {
  add,
  autocast,
  type Device,
  type DType,
  full,
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

/** Draws a frame of the prior and corrects it; rgb24 of the camera's size. */
export function correctPrior(
  vae: VideoVae,
  { figures, camera, ...options }: PriorFrame,
  { dtype = "float32" }: { readonly dtype?: DType } = {},
): Uint8Array {
  const { width, height } = camera;
  const share = DECODER_SIDE / Math.min(width, height);
  const fits = share >= 1;
  const small = fits ? camera : scaleCamera(camera, {
    width: Math.round(width * share),
    height: Math.round(height * share),
  });
  const { background } = options;
  const drawn = drawPrior(figures, camera, options);
  return noGrad(() =>
    scope(() => {
      const there = fits ? drawn : drawPrior(figures, small, {
        background: background && shrink(background, camera, small),
      });
      const packed = packPlanes(there, { tall: heightInPicture(small, figures) });
      const { device } = vae.vars;
      const planes = priorPlanesTensor(packed, [1, small.height, small.width], device);
      const made = to(
        autocast(
          { device, dtype },
          () => vae.priorDecoder!.forward({ planes, t: full([1], PRIOR_ALONE, { device }) }),
        ),
        { dtype: "float32" },
      );
      if (fits) return bytesOf(made);
      const correction = sub(made, narrow(planes, 1, 0, 3));
      return bytesOf(add(
        squeeze(pictureOf(drawn.rgb, camera), 2),
        upsampleBilinear2d(correction, [height, width], false),
      ));
    })
  );
}

/** rgb24 → [1, 3, 1, H, W] in −1..1. */
function pictureOf(data: Uint8Array, { width, height }: Camera): Tensor {
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
