/**
 * What enters the patch embedding beside the noisy latent.
 * @module
 */
import { cat, expand, mul, permute, reshape, type Tensor, unsqueeze } from "../../tensor/mod.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import type { IsaDitConfig } from "./config.ts";
import { channelsOfMap, mapsOf } from "./map_table.ts";

// B batch, C latent channels, T latent frames, h×w latent size

/** Noise, reference, background, and the flag, 49 with 16 latent channels; then the model's maps. */
export function inputChannels(config: IsaDitConfig): number {
  const maps = mapsOf(config).reduce((sum, map) => sum + channelsOfMap(map, config), 0);
  return 3 * config.latentChannels + 1 + maps;
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
  const x = cat([
    noisy,
    mul(reference, mul(subject, concat)),
    conditions.background,
    flag,
    ...mapsOf(config).map(({ name }) => mul(conditions[name]!, subject)),
  ], 1);
  return reshape(permute(x, [0, 2, 1, 3, 4]), [B * T, x.shape[1], h, w]);
}
