/**
 * What the 2D tokens read by cross-attention: tokens of the camera and of the reference image.
 * @module
 */
import { Linear, normalInit, type Vars } from "../../nn/mod.ts";
import { add, mul, reshape, type Tensor } from "../../tensor/mod.ts";
import { ClipVisionTower } from "../image_encoder/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import { cameraPatches } from "./positions.ts";

/** Plücker images as tokens of squares (eq. 22). */
export class CameraTokens {
  readonly #patch: Linear;
  readonly #side: number;

  /** `vars` is the model's root. */
  constructor(vars: Vars, { temporalFactor, cameraPatch, width }: IsaDitConfig) {
    const channels = 6 * temporalFactor * cameraPatch ** 2;
    this.#patch = new Linear(vars.sub("camera_embed"), channels, width);
    this.#side = cameraPatch;
  }

  /** → [B·T, Lc, D]. */
  forward({ plucker }: IsaDitConditions): Tensor {
    return this.#patch.forward(cameraPatches(plucker, this.#side));
  }
}

/** The reference picture through CLIP's tower (eq. 21), or a learned vector where there is none. */
export class ImageTokens {
  readonly #tower: ClipVisionTower;
  readonly #none: Tensor;

  /** `vars` is the model's root. */
  constructor(vars: Vars, { imageEncoder }: IsaDitConfig) {
    this.#tower = new ClipVisionTower(vars.sub("image_encoder"), imageEncoder);
    this.#none = vars.parameter("no_image", [imageEncoder.hiddenSize], normalInit(0.02));
  }

  /** → [B, Li, Di]. */
  forward({ image, subjectGiven }: IsaDitConditions): Tensor {
    const tokens = this.#tower.forward(image).lastHiddenState;
    const given = reshape(subjectGiven, [-1, 1, 1]);
    return add(mul(tokens, given), mul(this.#none, add(mul(given, -1), 1)));
  }
}
