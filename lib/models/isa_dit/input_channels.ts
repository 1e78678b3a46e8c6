/**
 * What enters the patch embedding beside the noisy latent.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { cat, expand, mul, permute, reshape, type Tensor, unsqueeze } from "../../tensor/mod.ts";
import { type IsaDitConfig, readsNormals } from "./config.ts";
import type { IsaDitConditions } from "./inputs.ts";

// B batch, C latent channels, T latent frames, h×w latent size

/**
 * How many channels enter: noise, reference, background, and the flag, 49 with 16 latent channels; then
 * the normal maps, where these are the control.
 */
export function inputChannels(config: IsaDitConfig): number {
  return (readsNormals(config) ? 4 : 3) * config.latentChannels + 1;
}

/** All of them, latent frames over the batch: [B·T, channels, h, w]. */
export function joinInput(
  config: IsaDitConfig,
  noisy: Tensor,
  conditions: IsaDitConditions,
): Tensor {
  const [B, C, T, h, w] = noisy.shape;
  const subject = reshape(conditions.subjectGiven, [B, 1, 1, 1, 1]);
  const concat = config.identityConcat ? 1 : 0;
  const reference = expand(unsqueeze(conditions.reference, 2), [B, C, T, h, w]);
  const flag = expand(reshape(conditions.backgroundGiven, [B, 1, 1, 1, 1]), [B, 1, T, h, w]);
  const maps = normalsOf(config, conditions);
  const x = cat([
    noisy,
    mul(reference, mul(subject, concat)),
    conditions.background,
    flag,
    ...maps ? [mul(maps, subject)] : [],
  ], 1);
  return reshape(permute(x, [0, 2, 1, 3, 4]), [B * T, x.shape[1], h, w]);
}

/** The normal maps that the model is controlled by; undefined where it has 3D tokens alone for that. */
function normalsOf(config: IsaDitConfig, { normals }: IsaDitConditions): Tensor | undefined {
  if (!readsNormals(config)) return undefined;
  if (normals) return normals;
  throw new ConfigError(
    `the model's control is "${config.control}", but the conditions have no normal maps`,
  );
}
