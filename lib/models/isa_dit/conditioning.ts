import type { BodyConditions } from "../../geometry/mod.ts";
import {
  cat,
  type Device,
  div,
  gridSample,
  narrow,
  ones,
  permute,
  scope,
  squeeze,
  stack,
  sub,
  type Tensor,
  tensor,
  to,
  transpose,
  upsampleBilinear2dAa,
  zeros,
} from "../../tensor/mod.ts";
import { CLIP_MEAN, CLIP_STD } from "../image_encoder/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import type { IsaDitConditions } from "./inputs.ts";

// C latent channels, T latent frames, h×w latent size, K poses, P points of all persons

/** One clip's conditions before they become tensors. */
export interface ClipConditions {
  readonly body: BodyConditions;
  /** Plücker images, [6·f_t, T, h, w]. */
  readonly plucker: Float32Array;
  /** Normalised reference latent of each person, [1, C, h', w']; the first one's has the clip's size. */
  readonly references: readonly Tensor[];
  /** Normalised background latent, [1, C, T, h, w]; absent: none is given. */
  readonly background?: Tensor;
  /** Normalised latent of the normal maps, [1, C, T, h, w], where these are the model's control. */
  readonly normals?: Tensor;
  /** The first person's reference image for the image encoder, [1, 3, S, S]. */
  readonly image: Tensor;
  readonly T: number;
  readonly h: number;
  readonly w: number;
}

/** Makes the tensors of {@linkcode IsaDitConditions} for one clip, batch size 1. */
export function clipConditions(
  config: IsaDitConfig,
  clip: ClipConditions,
  { device = "cpu" }: { device?: Device } = {},
): IsaDitConditions {
  const { body, T, h, w } = clip;
  const { K, P } = body;
  const f = config.temporalFactor;
  const allInFront = body.inFront.every((flag) => flag === 1);
  const perPerson = P / clip.references.length;
  return scope(() => ({
    reference: to(clip.references[0], { device }),
    ...(config.identity === "scd" && clip.references.length > 1
      ? { otherReferences: to(stack(clip.references.slice(1), 1), { device }) }
      : {}),
    pointFeatures: to(pointFeatures(clip.references, body.referenceUv), { device }),
    pointVisible: tensor(Float32Array.from(body.referenceVisible), { shape: [1, P], device }),
    pointPerson: tensor([...body.person], { shape: [1, P], dtype: "int64", device }),
    pointIndex: tensor(Array.from({ length: P }, (_, i) => i % perPerson), {
      shape: [1, P],
      dtype: "int64",
      device,
    }),
    points: tensor(body.points, { shape: [1, K, P, 3], device }),
    pointsNdc: tensor(body.pointsNdc, { shape: [1, K, P, 3], device }),
    pointInFront: allInFront
      ? undefined
      : tensor(Float32Array.from(body.inFront), { shape: [1, K, P], device }),
    background: clip.background
      ? to(clip.background, { device })
      : zeros([1, config.latentChannels, T, h, w], { device }),
    backgroundGiven: clip.background ? ones([1], { device }) : zeros([1], { device }),
    ...clip.normals && { normals: to(clip.normals, { device }) },
    plucker: tensor(clip.plucker, { shape: [1, 6 * f, T, h, w], device }),
    image: to(clip.image, { device }),
    subjectGiven: ones([1], { device }),
  }));
}

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
export function normaliseTowerImage(image: Tensor): Tensor {
  return scope(() => {
    const { device } = image;
    const mean = tensor([...CLIP_MEAN], { shape: [3, 1, 1], device });
    const std = tensor([...CLIP_STD], { shape: [3, 1, 1], device });
    return div(sub(image, mean), std);
  });
}
