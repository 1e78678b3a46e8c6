/**
 * What is read off a reference picture: latents at the body's points, and the image encoder's input.
 * @module
 */
import {
  cat,
  div,
  gridSample,
  narrow,
  permute,
  scope,
  squeeze,
  sub,
  type Tensor,
  tensor,
  to,
  transpose,
  upsampleBilinear2dAa,
} from "../../tensor/mod.ts";
import { CLIP_MEAN, CLIP_STD } from "../image_encoder/mod.ts";

// C latent channels, P points of all persons

/**
 * Pixel-aligned features (eq. 19): each person's reference latent, bilinear at the projection of that
 * person's points. `uv` is [P, 2] in −1..1, persons one after another. Returns [1, P, C].
 */
export function pointFeatures(references: readonly Tensor[], uv: Float32Array): Tensor {
  return scope(() => {
    const count = uv.length / 2 / references.length;
    const all = tensor(uv, { shape: [1, 1, uv.length / 2, 2] });
    const parts = references.map((reference, person) => {
      const grid = to(narrow(all, 2, person * count, count), { device: reference.device });
      const sampled = gridSample(to(reference, { dtype: "float32" }), grid, {
        mode: "bilinear",
        paddingMode: "border",
        alignCorners: false,
      });
      return transpose(squeeze(sampled, 2), 1, 2);
    });
    return cat(parts, 1);
  });
}

/** rgb24 picture of width × height → image encoder's input [1, 3, S, S], resized and normalised. */
export function towerImage(
  rgb: Uint8Array,
  size: { readonly width: number; readonly height: number },
  { imageSize }: { readonly imageSize: number },
): Tensor {
  return scope(() => {
    const picture = tensor(rgb, { shape: [1, size.height, size.width, 3], dtype: "uint8" });
    const planes = div(to(permute(picture, [0, 3, 1, 2]), { dtype: "float32" }), 255);
    const resized = upsampleBilinear2dAa(planes, [imageSize, imageSize], false);
    return normaliseTowerImage(resized);
  });
}

/** Image [B, 3, S, S] in 0..1 → by CLIP's mean and deviation. */
function normaliseTowerImage(image: Tensor): Tensor {
  return scope(() => {
    const { device } = image;
    const mean = tensor([...CLIP_MEAN], { shape: [3, 1, 1], device });
    const std = tensor([...CLIP_STD], { shape: [3, 1, 1], device });
    return div(sub(image, mean), std);
  });
}
