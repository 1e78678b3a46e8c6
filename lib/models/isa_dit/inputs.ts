import type { RotaryTable } from "../../nn/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { AddedEncoding } from "./additions.ts";

// B batch, T latent frames, h×w latent size, K = f_t·T body poses (the first latent repeats its one
// pose f_t times), P points of all persons.

/**
 * What ISA-DiT is told about a clip, as tensors: points in metres around the mean pelvis of frame 0,
 * NDC with zero depth on the body's plane, Plücker rays relative to camera 0.
 */
export interface IsaDitConditions {
  /** Reference latent of the first person, [B, C, h, w], normalised as the video latents are. */
  readonly reference: Tensor;
  /** Those of the other persons, [B, R − 1, C, h, w]; SCD alone reads them. */
  readonly otherReferences?: Tensor;
  /** Reference latent of each point's own person sampled at the point's projection, [B, P, C]. */
  readonly pointFeatures: Tensor;
  /** 1 where the point is seen in its reference, else 0, [B, P]. */
  readonly pointVisible: Tensor;
  /** Which person a point belongs to, [B, P] int64. */
  readonly pointPerson: Tensor;
  /** Index of a point on its body's list of samples, [B, P] int64. */
  readonly pointIndex: Tensor;
  /** World positions, [B, K, P, 3]. */
  readonly points: Tensor;
  /** Positions in normalised device coordinates (eq. 10), [B, K, P, 3]. */
  readonly pointsNdc: Tensor;
  /** 1 in front of the camera, 0 behind, [B, K, P]; absent when all are in front. */
  readonly pointInFront?: Tensor;
  /** Background latent, zeros where none is given, [B, C, T, h, w]. */
  readonly background: Tensor;
  /** 1 where a background is given, [B]. */
  readonly backgroundGiven: Tensor;
  /** Normalised latent of the bodies' normal maps, [B, C, T, h, w]; models with that control read it. */
  readonly normals?: Tensor;
  /** Plücker images, the f_t frames of a latent over channels, [B, 6·f_t, T, h, w] (eq. 22). */
  readonly plucker: Tensor;
  /** Reference image as the image encoder wants it, [B, 3, S, S], normalised. */
  readonly image: Tensor;
  /** 1 to use reference and body, 0 for the unconditional branch of guidance, [B]. */
  readonly subjectGiven: Tensor;
}

/** Conditions after the parts that do not depend on noise or time; made once, used in every step. */
export interface EncodedConditions extends AddedEncoding {
  readonly conditions: IsaDitConditions;
  /** 3D tokens, [B, T, S, E] with S = f_t·P. */
  readonly points_BTSE: Tensor;
  /** ISPE of the 3D tokens, [B, T, S, E]. */
  readonly pointIspe_BTSE: Tensor;
  /** ISPE of the 2D tokens, [1, 1, L, E]. */
  readonly pixelIspe_11LE: Tensor;
  /** Additive attention mask over 3D tokens, [B·T, 1, 1, S], when any is behind the camera. */
  readonly pointMask?: Tensor;
  /** With it: 1 for latent frames in which a point shows, else 0, [B, T, 1, 1]. */
  readonly frameWithBody?: Tensor;
  /** Camera tokens, [B·T, Lc, D]. */
  readonly camera_MLD?: Tensor;
  /** Image tokens, [B, Li, Di]. */
  readonly image_BLD?: Tensor;
  /** Positions of the latent frames, T. A table comes from the host: in every step it would stop CUDA. */
  readonly rotary: RotaryTable;
  /** Positions of the body's poses, K. */
  readonly pointRotary: RotaryTable;
}
