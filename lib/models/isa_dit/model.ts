import { cropPositions, PatchEmbed, Rotary1d, type Vars } from "../../nn/mod.ts";
import { add, amax, mul, reshape, scope, type Tensor, unsqueeze } from "../../tensor/mod.ts";
import { type AddedEncoding, Additions } from "./additions.ts";
import { BodyTokens } from "./body_tokens.ts";
import { hasBodyTokens, type IsaDitConfig } from "./config.ts";
import { CameraTokens, ImageTokens } from "./context_tokens.ts";
import { FlowHead } from "./flow_head.ts";
import { FlowTime } from "./flow_time.ts";
import { inputChannels, joinInput } from "./input_channels.ts";
import { checkConditions } from "./condition_tensors.ts";
import type { IsaDitConditions } from "./condition_table.ts";
import type { EncodedConditions } from "./encoded.ts";
import {
  IsaDitLayer,
  type LayerContext,
  POINT_BRANCHES,
  SHARED_BRANCHES,
  type Streams,
} from "./layer.ts";
import { SharedModulation } from "./modulation.ts";
import { type NearTokens, nearTokens, pickNear } from "./near_tokens.ts";
import { frontMasks, ispe, pixelNdc, positionTable } from "./positions.ts";
import { type PriorStart, priorStart } from "./prior_skip.ts";
import { ViewParts } from "./view_parts.ts";
import { walkLayers } from "./walk.ts";

// B batch, C latent channels, T latent frames, h×w latent size, p patch, L = h/p·w/p tokens,
// D width, E 3D width, K = f_t·T poses, P points, S = f_t·P

/**
 * What the layers work on.
 * @internal
 */
export interface Passage {
  readonly first: Streams;
  readonly context: LayerContext;
  /** The conditions' own tokens, for steps to come. */
  readonly lent: readonly Tensor[];
  /** The noisy latent. */
  readonly noisy: Tensor;
  /** The way past the layers, where the model has one. */
  readonly skip?: PriorStart;
  /** The 2D tokens that the layers work on; absent: all. */
  readonly near?: NearTokens;
}

/**
 * ISA-DiT (ISA4D section 5): a diffusion transformer over VideoVAE latents whose 2D tokens meet the
 * body's 3D tokens in symmetric interspatial attention. Predicts the flow ε − z₀.
 */
export class IsaDit {
  /** What it was built from. */
  readonly config: IsaDitConfig;
  readonly #patch: PatchEmbed;
  readonly #positions: Tensor;
  readonly #rotary: Rotary1d;
  readonly #pointRotary: Rotary1d;
  /** Embeds flow times. */
  readonly time: FlowTime;
  readonly #shared: SharedModulation;
  readonly #sharedPoints?: SharedModulation;
  readonly #body?: BodyTokens;
  readonly #camera?: CameraTokens;
  readonly #image?: ImageTokens;
  /** SCD and swap attention, where the model has them. */
  readonly added: Additions;
  /** In the order of the passage. */
  readonly layers: readonly IsaDitLayer[];
  /** The second stream's own parts, where the model knows several views at once. */
  readonly views?: ViewParts;
  readonly #head: FlowHead;

  /** Builds the graph on `vars`, whose device may be "meta" to count and not compute. */
  constructor(vars: Vars, config: IsaDitConfig) {
    const { width, pointWidth, patchSize } = config;
    const embed = vars.sub("pos_embed");
    this.config = config;
    this.#patch = new PatchEmbed(embed, inputChannels(config), width, { patchSize });
    this.#positions = positionTable(embed, config);
    this.#rotary = new Rotary1d(width / config.heads);
    this.#pointRotary = new Rotary1d(pointWidth / config.pointHeads);
    this.time = new FlowTime(vars.sub("time_text_embed.timestep_embedder"), width);
    this.#shared = new SharedModulation(vars.sub("shared_modulation"), width, {
      out: width,
      branches: SHARED_BRANCHES.count,
    });
    if (hasBodyTokens(config)) {
      this.#sharedPoints = new SharedModulation(vars.sub("shared_point_modulation"), width, {
        out: pointWidth,
        branches: POINT_BRANCHES.count,
      });
      this.#body = new BodyTokens(vars.sub("body_tokens"), config);
    }
    if (config.camera) this.#camera = new CameraTokens(vars, config);
    if (config.identityGlobal) this.#image = new ImageTokens(vars, config);
    const added = this.added = new Additions(vars, config);
    this.layers = Array.from(
      { length: config.layers },
      (_, index) => new IsaDitLayer(vars, config, { index, added }),
    );
    this.views = config.views === "none" ? undefined : new ViewParts(vars, config);
    this.#head = new FlowHead(vars, config);
  }

  /** The parts of the conditions that no noise touches; once a clip, not once a step. */
  encode(
    conditions: IsaDitConditions,
    given: Pick<AddedEncoding, "reference"> = {},
  ): EncodedConditions {
    const { config } = this;
    const { pointsNdc, background, pointInFront } = conditions;
    const [B, , T, h, w] = background.shape;
    const { device } = background;
    checkConditions(config, conditions);
    const [, K, P] = pointsNdc.shape;
    const byFrame = [B, T, config.temporalFactor * P, 3];
    const encoding = { channels: config.pointWidth, scale: config.ispe ? config.ispeScale : 0 };
    const pixels = () => pixelNdc(w / config.patchSize, h / config.patchSize, device);
    return scope(() => {
      const near = config.tokens === "near" ? nearTokens(config, conditions) : undefined;
      const pixelIspe_11LE = unsqueeze(unsqueeze(ispe(pixels(), encoding), 0), 0);
      return {
        ...{ conditions, near },
        points_BTSE: this.#body?.forward(conditions) ?? reshape(pointsNdc, byFrame),
        pointIspe_BTSE: ispe(reshape(pointsNdc, byFrame), encoding),
        pixelIspe: near ? pickNear(pixelIspe_11LE, near) : pixelIspe_11LE,
        ...pointInFront && frontMasks(pointInFront, T),
        camera_MLD: this.#camera?.forward(conditions),
        image_BLD: this.#image?.forward(conditions),
        rotary: this.#rotary.table(T, { device }),
        pointRotary: this.#pointRotary.table(K, { device }),
        ...this.added.encode(this, conditions, given),
      };
    });
  }

  /**
   * Noisy latent [B, C, T, h, w] at flow time t [B], or [B, T], in 0..1 → predicted flow, same shape.
   * `h` and `w` must be multiples of the patch size.
   */
  forward(noisy: Tensor, t: Tensor, encoded: EncodedConditions): Tensor {
    return scope(() => {
      const passage = this.enter(noisy, t, encoded);
      const { first, context } = passage;
      const last = walkLayers(this.layers, first, (layer, x) => layer.forward(x, context), passage);
      return this.leave(last.x_BTLD, passage);
    });
  }

  /**
   * What goes into the first layer. `t` is [B], or [B, T] where latent frames have flow times of their
   * own; 3D tokens then take the largest one.
   */
  enter(noisy: Tensor, t: Tensor, encoded: EncodedConditions): Passage {
    const time = this.time.forward(t);
    const pointTime = t.shape.length === 1 ? time : this.time.forward(amax(t, { dim: 1 }));
    const { conditions, points_BTSE, rotary, pointRotary } = encoded;
    const { pointMask, frameWithBody, camera_MLD, image_BLD, near } = encoded;
    const context: LayerContext = {
      ...{ time, pointTime },
      shared: this.#shared.forward(time),
      sharedPoints: this.#sharedPoints?.forward(pointTime) ?? pointTime,
      ...{ rotary, pointRotary },
      pixelIspe: encoded.pixelIspe,
      pointIspe: encoded.pointIspe_BTSE,
      ...{ pointMask, frameWithBody, camera_MLD, image_BLD },
      ...this.added.context(time, encoded),
      subjectGiven: reshape(conditions.subjectGiven, [-1, 1, 1, 1]),
    };
    const skip = this.config.skip === "prior"
      ? priorStart(this.config, { noisy, t, conditions })
      : undefined;
    const x_BTLD = this.embed(skip?.input ?? noisy, conditions);
    const first = { x_BTLD: near ? pickNear(x_BTLD, near) : x_BTLD, points_BTSE };
    return { first, context, lent: [points_BTSE], noisy, skip, near };
  }

  /** The 2D tokens of all places, as they go into the first layer. */
  embed(noisy: Tensor, conditions: IsaDitConditions): Tensor {
    const [B, , T, h, w] = noisy.shape;
    const { positionTableSize: gridSize, patchSize } = this.config;
    const grid = { gridSize, height: h / patchSize, width: w / patchSize };
    return scope(() => {
      const positions = cropPositions(this.#positions, grid);
      const x_MLD = add(this.#patch.forward(joinInput(this.config, noisy, conditions)), positions);
      return reshape(x_MLD, [B, T, x_MLD.shape[1], x_MLD.shape[2]]);
    });
  }

  /** 2D tokens after the last layer → flow. */
  leave(x_BTLD: Tensor, { context, noisy, skip, near }: Omit<Passage, "first" | "lent">): Tensor {
    const [, , , h, w] = noisy.shape;
    const out = this.#head.forward(x_BTLD, context.time, { h, w, near });
    return skip ? add(skip.flow, mul(skip.scale, out)) : out;
  }
}
