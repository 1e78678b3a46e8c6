import type { RotaryTable } from "../../nn/mod.ts";
import type { Tensor } from "../../tensor/mod.ts";
import type { AddedEncoding } from "./additions.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import type { NearTokens } from "./near_tokens.ts";

// B batch, T latent frames, K = f_t·T body poses, P points of all persons

/** Conditions after the parts that do not depend on noise or time; made once, used in every step. */
export interface EncodedConditions extends AddedEncoding {
  /** What was encoded. */
  readonly conditions: IsaDitConditions;
  /** 3D tokens, [B, T, S, E] with S = f_t·P. */
  readonly points_BTSE: Tensor;
  /** ISPE of the 3D tokens, [B, T, S, E]. */
  readonly pointIspe_BTSE: Tensor;
  /** The 2D tokens that the layers work on; absent: all. */
  readonly near?: NearTokens;
  /** ISPE of the 2D tokens, [1, 1, L, E]; of near ones alone [B, 1, k, E]. */
  readonly pixelIspe: Tensor;
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
