import { Linear, Mlp, normalInit, sequence, sinusoidalEmbedding, type Vars } from "../../nn/mod.ts";
import { add, embedding, empty, mul, reshape, type Tensor, unsqueeze } from "../../tensor/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import type { IsaDitConditions } from "./condition_table.ts";

// B batch, T latent frames, f poses of a latent frame, K = f·T poses, P points, E 3D width

/**
 * Body points → 3D tokens (eq. 8): world coordinates through sinusoids and a shallow MLP, plus what is
 * known of the spot: its reference feature (eq. 19), which spot and which person it is, and which of
 * the f poses of a latent frame it belongs to (those would else be a set without order).
 */
export class BodyTokens {
  readonly #config: IsaDitConfig;
  readonly #mlp: Mlp;
  readonly #feature?: Linear;
  readonly #unseen: Tensor;
  readonly #pointTable: Tensor;
  readonly #personTable: Tensor;
  readonly #poseTable: Tensor;

  constructor(vars: Vars, config: IsaDitConfig) {
    const E = config.pointWidth;
    this.#config = config;
    this.#mlp = new Mlp(vars.sub("mlp"), 6 * config.pointFrequencies, E);
    if (config.identityPoints) {
      this.#feature = new Linear(vars.sub("feature"), config.latentChannels, E);
    }
    const small = normalInit(0.02);
    this.#unseen = vars.parameter("unseen", [E], small);
    this.#pointTable = vars.parameter("point", [config.pointsPerPerson, E], small);
    this.#personTable = vars.parameter("person", [config.maxPersons, E], small);
    this.#poseTable = vars.parameter("pose", [config.temporalFactor, E], small);
  }

  /** Conditions → 3D tokens [B, T, f·P, E]. */
  forward(conditions: IsaDitConditions): Tensor {
    const { points } = conditions;
    const [B, K, P] = points.shape;
    const f = this.#config.temporalFactor;
    return sequence(points, [
      (points) => sinusoidalEmbedding(points, { frequencies: this.#config.pointFrequencies }),
      (waves) => this.#mlp.forward(waves),
      (place_BKPE) => add(place_BKPE, unsqueeze(this.#spots(conditions), 1)),
      (tokens) => add(reshape(tokens, [B, K / f, f, P, -1]), unsqueeze(this.#poseTable, 1)),
      (byPose) => reshape(byPose, [B, K / f, f * P, -1]),
    ]);
  }

  /** What is known of each spot of the body at all times, [B, P, E]. */
  #spots(conditions: IsaDitConditions): Tensor {
    const { pointFeatures, pointVisible, pointPerson, pointIndex, subjectGiven } = conditions;
    const spot_BPE = add(
      lookUp(this.#pointTable, pointIndex),
      lookUp(this.#personTable, pointPerson),
    );
    if (!this.#feature) return spot_BPE;
    const known = mul(unsqueeze(unsqueeze(subjectGiven, -1), -1), unsqueeze(pointVisible, -1));
    const feature = mul(this.#feature.forward(pointFeatures), known);
    return add(spot_BPE, add(feature, mul(this.#unseen, add(mul(known, -1), 1))));
  }
}

/** Rows of a table; libtorch has no kernel for that on meta, where the shape is enough. */
function lookUp(table: Tensor, indices: Tensor): Tensor {
  const { dtype, device } = table;
  if (device === "meta") return empty([...indices.shape, table.shape[1]], { dtype, device });
  return embedding(table, indices);
}
