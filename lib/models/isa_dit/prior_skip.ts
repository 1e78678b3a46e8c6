// B batch, C latent channels, T latent frames, h×w latent size

/**
 * The prior's latent as the way past the network: with r = z₀ − c ~ N(0, s²), c the prior's latent, the
 * mean of z₀ given z_t is known, and the network says only what that misses (preconditioning as in
 * EDM, arXiv 2206.00364, around the prior instead of zero).
 * @module
 */
import {
  add,
  div,
  mul,
  narrow,
  reshape,
  scope,
  sqrt,
  sub,
  type Tensor,
  tensor,
} from "../../tensor/mod.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import type { IsaDitConfig } from "./config.ts";
import { PRIOR_MAP, PRIOR_MAP_PLANES } from "./prior_map.ts";

/** What is known before the first layer. */
export interface PriorStart {
  /** The noisy latent around the prior, of variance 1, in place of itself: [B, C, T, h, w]. */
  readonly input: Tensor;
  /** Flow towards the mean of the clean latent, as far as s says it, [B, C, T, h, w]. */
  readonly flow: Tensor;
  /** What the network's output, of variance 1, is multiplied with before it is added to the flow. */
  readonly scale: Tensor;
}

/** Planes of the map "prior", [B, 1, T, h, w] each; all zero where there is no subject. */
function priorPlanes(
  { latentChannels: C }: Pick<IsaDitConfig, "latentChannels">,
  conditions: IsaDitConditions,
): Record<typeof PRIOR_MAP_PLANES[number], Tensor> {
  const map = conditions[PRIOR_MAP]!;
  const subject = reshape(conditions.subjectGiven, [-1, 1, 1, 1, 1]);
  const planes = PRIOR_MAP_PLANES.map((name, i) =>
    [name, mul(narrow(map, 1, C + i, 1), subject)] as const
  );
  return Object.fromEntries(planes) as Record<typeof PRIOR_MAP_PLANES[number], Tensor>;
}

/**
 * Noisy latent [B, C, T, h, w] at flow time t, [B] or [B, T]. With d = z_t − (1−t) c and
 * v = (1−t)² s² + t² the mean of z₀ is c + s² (1−t)/v · d, the flow (z_t − z₀)/t towards it
 * d (t − (1−t) s²)/v − c, and its deviation s/√v. Where no prior is given c is the background, zero if
 * there is none, and s is 1, as latents are scaled.
 */
export function priorStart(
  config: IsaDitConfig,
  { noisy, t, conditions }: {
    readonly noisy: Tensor;
    readonly t: Tensor;
    readonly conditions: IsaDitConditions;
  },
): PriorStart {
  return scope(() => {
    const time = reshape(t, [t.shape[0], 1, t.shape[1] ?? 1, 1, 1]);
    const rest = sub(1, time);
    const planes = priorPlanes(config, conditions);
    const c = priorLatent(config, conditions, planes);
    const s2 = variance(config, planes);
    const v = add(mul(mul(rest, rest), s2), mul(time, time));
    const d = sub(noisy, mul(rest, c));
    return {
      input: div(d, sqrt(v)),
      flow: sub(mul(d, div(sub(time, mul(rest, s2)), v)), c),
      scale: sqrt(div(s2, v)),
    };
  });
}

type Planes = ReturnType<typeof priorPlanes>;

/** c, [B, C, T, h, w]. */
function priorLatent(
  { latentChannels: C }: IsaDitConfig,
  { subjectGiven, background, ...conditions }: IsaDitConditions,
  { given }: Planes,
): Tensor {
  const subject = reshape(subjectGiven, [-1, 1, 1, 1, 1]);
  const drawn = mul(narrow(conditions[PRIOR_MAP]!, 1, 0, C), subject);
  return add(drawn, mul(background, sub(1, given)));
}

/** s², [B, C, T, h, w]. */
function variance(
  { latentChannels: C, skipVariance }: IsaDitConfig,
  { coverage, confidence, near, given }: Planes,
): Tensor {
  const { far, around, body, unseen, channels } = skipVariance;
  const parts = [mul(near, around), mul(coverage, body), mul(sub(coverage, confidence), unseen)];
  const all = parts.reduce((sum, part) => add(sum, part), mul(given, far));
  const factors = Array.from({ length: C }, (_, i) => channels[i] ?? 1);
  const perChannel = tensor(factors, { shape: [1, C, 1, 1, 1], device: all.device });
  return add(mul(all, perChannel), sub(1, given));
}
