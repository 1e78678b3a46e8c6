/**
 * Pictures as CLIP sees them, where its weights are given.
 * @module
 */
import {
  CLIP_MEAN,
  CLIP_STD,
  type ClipVisionConfig,
  type ClipVisionTower,
} from "../models/image_encoder/mod.ts";
import {
  type Device,
  div,
  inferenceMode,
  scope,
  sub,
  type Tensor,
  tensor,
  toFloat32,
  upsampleBicubic2dAa,
} from "../tensor/mod.ts";
import { centreSquare } from "./feature_nets.ts";
import { frameTensor } from "./frame_scores.ts";

/** A loaded vision tower. */
export interface ClipNet {
  readonly tower: ClipVisionTower;
  readonly config: ClipVisionConfig;
}

/**
 * The embedding of an rgb24 picture: its centre square, brought to the tower's size bicubically, in the
 * space shared with text where the file has the projection to it.
 */
export function clipLook(
  bytes: Uint8Array,
  size: { readonly width: number; readonly height: number },
  { tower, config, device = "cpu" }: ClipNet & { readonly device?: Device },
): Float32Array {
  return inferenceMode(() =>
    scope(() => {
      const { imageSize } = config;
      const square = upsampleBicubic2dAa(
        centreSquare(frameTensor(bytes, size, device)),
        [imageSize, imageSize],
        false,
      );
      const row = (values: readonly number[]): Tensor =>
        tensor([...values], { shape: [1, 3, 1, 1], device });
      const { pooled, projected } = tower.forward(div(sub(square, row(CLIP_MEAN)), row(CLIP_STD)));
      return toFloat32(projected ?? pooled);
    })
  );
}
