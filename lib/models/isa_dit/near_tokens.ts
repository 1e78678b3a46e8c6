// B batch, T latent frames, h×w latent size, p patch, L = h/p·w/p 2D tokens of a latent frame, k those
// of them that the layers work on

/**
 * Tokens near the bodies: away from them the prior is the answer, and the layers can leave it out.
 * @module
 */
import {
  amax,
  expand,
  gather,
  narrow,
  pad,
  reshape,
  scope,
  type Tensor,
  tensor,
  toNumbers,
} from "../../tensor/mod.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import type { IsaDitConfig } from "./config.ts";
import { PRIOR_MAP, PRIOR_MAP_PLANES } from "./prior_map.ts";

/**
 * Which tokens a clip's layers work on.
 * @internal
 */
export interface NearTokens {
  /** Their places on the grid, int64 [B, 1, k, 1]. */
  readonly places: Tensor;
  /** For each place of the grid its token's number, k where there is none, int64 [B, 1, L, 1]. */
  readonly numbers: Tensor;
}

/** A token counts as near where a latent position of it ever is nearer than this. */
const NEAR = 0.5;

/**
 * The places that are near a body in any latent frame, filled up with the next nearest ones to as many
 * in every clip; undefined where these are all, as without a prior or on the meta device.
 */
export function nearTokens(
  { latentChannels: C, patchSize: p }: IsaDitConfig,
  conditions: IsaDitConditions,
): NearTokens | undefined {
  const map = conditions[PRIOR_MAP]!;
  const [B, , T, h, w] = map.shape;
  const { device } = map;
  if (device === "meta") return undefined;
  const L = (h / p) * (w / p);
  const largest = (name: typeof PRIOR_MAP_PLANES[number]): number[][] =>
    scope(() => {
      const plane = narrow(map, 1, C + PRIOR_MAP_PLANES.indexOf(name), 1);
      const cells = reshape(plane, [B, T, h / p, p, w / p, p]);
      const values = toNumbers(amax(cells, { dim: [1, 3, 5] })) as number[];
      return Array.from({ length: B }, (_, i) => values.slice(i * L, (i + 1) * L));
    });
  const given = largest("given");
  const near = largest("near").map((row, i) => row.map((value, l) => given[i][l] > 0 ? value : 1));
  const k = Math.max(1, ...near.map((row) => row.filter((value) => value > NEAR).length));
  if (k === L) return undefined;
  const chosen = near.map((row) =>
    [...row.keys()].sort((a, b) => row[b] - row[a] || a - b).slice(0, k).sort((a, b) => a - b)
  );
  const numbers = chosen.map((places) => {
    const row = new Array<number>(L).fill(k);
    places.forEach((place, number) => row[place] = number);
    return row;
  });
  const int64 = { dtype: "int64", device } as const;
  return {
    places: tensor(chosen.flat(), { shape: [B, 1, k, 1], ...int64 }),
    numbers: tensor(numbers.flat(), { shape: [B, 1, L, 1], ...int64 }),
  };
}

/** Of what all places have, [B or 1, T or 1, L, D], the near ones', [B, T, k, D]. */
export function pickNear(x: Tensor, { places }: NearTokens): Tensor {
  const [, T, , D] = x.shape;
  const [B, , k] = places.shape;
  return scope(() => gather(expand(x, [B, T, x.shape[2], D]), 2, expand(places, [B, T, k, D])));
}

/** Back on the grid, [B, T, k, D] → [B, T, L, D], zeros elsewhere. */
export function spreadNear(x_BTkD: Tensor, { numbers }: NearTokens): Tensor {
  const [B, T, , D] = x_BTkD.shape;
  return scope(() =>
    gather(pad(x_BTkD, [0, 0, 0, 1]), 2, expand(numbers, [B, T, numbers.shape[2], D]))
  );
}
