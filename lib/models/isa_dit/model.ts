import { ConfigError } from "../../errors.ts";
import {
  cropPositions,
  LayerNorm,
  Linear,
  normalInit,
  PatchEmbed,
  Rotary1d,
  TimestepEmbedder,
  timestepEmbedding,
  type Vars,
  zeroInit,
} from "../../nn/mod.ts";
import {
  add,
  amax,
  cat,
  chunk,
  expand,
  mul,
  ones,
  permute,
  reshape,
  scope,
  silu,
  type Tensor,
  unsqueeze,
  zeros,
} from "../../tensor/mod.ts";
import { ClipVisionTower } from "../image_encoder/mod.ts";
import { BodyTokens } from "./body_tokens.ts";
import { hasBodyTokens, inputChannels, type IsaDitConfig, readsNormals } from "./config.ts";
import type { EncodedConditions, IsaDitConditions } from "./inputs.ts";
import { type ReferenceCache, referenceCache, ReferenceMarks } from "./reference_block.ts";
import {
  IsaDitLayer,
  type LayerContext,
  POINT_BRANCHES,
  SHARED_BRANCHES,
  type Streams,
} from "./layer.ts";
import { overTokens, SharedModulation } from "./modulation.ts";
import { cameraPatches, frontMasks, ispe, pixelNdc, positionTable } from "./positions.ts";
import { ViewParts } from "./view_parts.ts";
import { swapTables } from "./swap_block.ts";

// B batch, C latent channels, T latent frames, h×w latent size, p patch, L = h/p·w/p tokens,
// D width, E 3D width, K = f_t·T poses, P points, S = f_t·P

/** Channels of the sinusoidal time embedding (SD3). */
const TIME_CHANNELS = 256;

/**
 * ISA-DiT (ISA4D section 5): a diffusion transformer over VideoVAE latents whose 2D tokens meet the
 * body's 3D tokens in symmetric interspatial attention. Predicts the flow ε − z₀.
 */
export class IsaDit {
  readonly config: IsaDitConfig;
  readonly #patch: PatchEmbed;
  readonly #positions: Tensor;
  readonly #rotary: Rotary1d;
  readonly #pointRotary: Rotary1d;
  readonly #time: TimestepEmbedder;
  readonly #shared: SharedModulation;
  readonly #sharedPoints?: SharedModulation;
  readonly #body?: BodyTokens;
  readonly #cameraPatch?: Linear;
  readonly #tower?: ClipVisionTower;
  readonly #noImage?: Tensor;
  readonly #referenceMarks?: ReferenceMarks;
  readonly #swap?: SharedModulation;
  /** In the order of the passage. */
  readonly layers: readonly IsaDitLayer[];
  /** The second stream's own parts, where the model knows several views at once. */
  readonly views?: ViewParts;
  readonly #outNorm: LayerNorm;
  readonly #outModulation: Linear;
  readonly #out: Linear;

  /** Builds the graph on `vars`, whose device may be "meta" to count and not compute. */
  constructor(vars: Vars, config: IsaDitConfig) {
    const { width, patchSize, latentChannels } = config;
    this.config = config;
    this.#patch = new PatchEmbed(vars.sub("pos_embed"), inputChannels(config), width, {
      patchSize,
    });
    this.#positions = positionTable(vars.sub("pos_embed"), config);
    this.#rotary = new Rotary1d(width / config.heads);
    this.#pointRotary = new Rotary1d(config.pointWidth / config.pointHeads);
    this.#time = new TimestepEmbedder(
      vars.sub("time_text_embed.timestep_embedder"),
      TIME_CHANNELS,
      width,
    );
    this.#shared = new SharedModulation(vars.sub("shared_modulation"), width, {
      out: width,
      branches: SHARED_BRANCHES.count,
    });
    if (hasBodyTokens(config)) {
      this.#sharedPoints = new SharedModulation(vars.sub("shared_point_modulation"), width, {
        out: config.pointWidth,
        branches: POINT_BRANCHES.count,
      });
      this.#body = new BodyTokens(vars.sub("body_tokens"), config);
    }
    if (config.camera) {
      const channels = 6 * config.temporalFactor * config.cameraPatch ** 2;
      this.#cameraPatch = new Linear(vars.sub("camera_embed"), channels, width);
    }
    if (config.identityGlobal) {
      this.#tower = new ClipVisionTower(vars.sub("image_encoder"), config.imageEncoder);
      this.#noImage = vars.parameter(
        "no_image",
        [config.imageEncoder.hiddenSize],
        normalInit(0.02),
      );
    }
    if (config.identity === "scd") {
      const persons = config.maxPersons;
      this.#referenceMarks = new ReferenceMarks(vars.sub("reference_embed"), width, { persons });
    }
    if (config.temporal === "swap") {
      const one = { out: width, branches: 1 };
      this.#swap = new SharedModulation(vars.sub("swap_modulation"), width, one);
    }
    this.layers = Array.from(
      { length: config.layers },
      (_, index) => new IsaDitLayer(vars, config, index),
    );
    this.views = config.views === "none" ? undefined : new ViewParts(vars, config);
    this.#outNorm = new LayerNorm(vars.sub("norm_out"), width, { affine: false, eps: 1e-6 });
    this.#outModulation = new Linear(vars.sub("norm_out").sub("linear"), width, 2 * width, {
      init: { weight: zeroInit, bias: zeroInit },
    });
    this.#out = new Linear(vars.sub("proj_out"), width, patchSize ** 2 * latentChannels, {
      init: { weight: zeroInit, bias: zeroInit },
    });
  }

  /**
   * The parts of the conditions that no noise touches; once a clip, not once a step. With SCD,
   * `reference` is stage one's result where it is there already.
   */
  encode(
    conditions: IsaDitConditions,
    { reference }: { readonly reference?: ReferenceCache } = {},
  ): EncodedConditions {
    const { config } = this;
    const { pointsNdc, pointInFront, background, plucker, subjectGiven } = conditions;
    const [B, , T, h, w] = background.shape;
    const { device } = background;
    this.#checkSize(h, w);
    const [, K, P] = pointsNdc.shape;
    if (K !== config.temporalFactor * T) {
      throw new ConfigError(
        `${K} body poses for ${T} latent frames; expected ${config.temporalFactor * T}`,
      );
    }
    const S = config.temporalFactor * P;
    const encoding = { channels: config.pointWidth, scale: config.ispe ? config.ispeScale : 0 };
    return scope(() => ({
      conditions,
      points_BTSE: this.#body ? this.#body.forward(conditions) : reshape(pointsNdc, [B, T, S, 3]),
      pointIspe_BTSE: ispe(reshape(pointsNdc, [B, T, S, 3]), encoding),
      pixelIspe_11LE: unsqueeze(
        unsqueeze(ispe(pixelNdc(w / config.patchSize, h / config.patchSize, device), encoding), 0),
        0,
      ),
      ...pointInFront && frontMasks(pointInFront, T),
      camera_MLD: this.#cameraPatch?.forward(cameraPatches(plucker, config.cameraPatch)),
      image_BLD: this.#imageTokens(conditions.image, subjectGiven),
      rotary: this.#rotary.table(T, { device }),
      pointRotary: this.#pointRotary.table(K, { device }),
      reference: reference ?? this.extractReference(conditions),
      swap: this.#swap && swapTables(
        [T, h / config.patchSize, w / config.patchSize],
        config.swapWindow,
        { device },
      ),
    }));
  }

  /**
   * SCD's stage one: the reference pictures through the denoiser at t = 0, without noise, background
   * or body. Undefined for a model without SCD. The caller frees what it gets, or its scope does.
   */
  extractReference(conditions: IsaDitConditions): ReferenceCache | undefined {
    const marks = this.#referenceMarks;
    if (!marks) return undefined;
    const { reference, otherReferences } = conditions;
    const [, C, h, w] = reference.shape;
    const { device, dtype } = reference;
    return scope(() => {
      const first = unsqueeze(reference, 1);
      const all = otherReferences ? cat([first, otherReferences], 1) : first;
      const [B, R] = all.shape;
      const stills = reshape(all, [B * R, C, 1, h, w]);
      const still = {
        ...conditions,
        reference: reshape(all, [B * R, C, h, w]),
        subjectGiven: ones([B * R], { device, dtype }),
        background: zeros(stills.shape, { device, dtype }),
        ...conditions.normals && { normals: zeros(stills.shape, { device, dtype }) },
        backgroundGiven: zeros([B * R], { device, dtype }),
      };
      const x_MTLD = this.embed(stills, { conditions: still });
      const x_BRLD = reshape(x_MTLD, [B, R, x_MTLD.shape[2], x_MTLD.shape[3]]);
      const time = this.#timeEmbedding(zeros([1], { device }));
      return referenceCache(this.layers, marks.forward(x_BRLD), time);
    });
  }

  /**
   * Noisy latent [B, C, T, h, w] at flow time t [B], or [B, T], in 0..1 → predicted flow, same shape.
   * `h` and `w` must be multiples of the patch size.
   */
  forward(noisy: Tensor, t: Tensor, encoded: EncodedConditions): Tensor {
    const [, , , h, w] = noisy.shape;
    return scope(() => {
      const context = this.context(t, encoded);
      const first = { x_BTLD: this.embed(noisy, encoded), points_BTSE: encoded.points_BTSE };
      const x_BTLD = this.#throughLayers(first, context);
      return this.output(x_BTLD, context, { h, w });
    });
  }

  /**
   * What all layers read besides the two token streams. `t` is [B], or [B, T] where latent frames have
   * flow times of their own; 3D tokens then take the largest one.
   */
  context(t: Tensor, encoded: EncodedConditions): LayerContext {
    const time = this.#timeEmbedding(t);
    const clipTime = t.shape.length === 1 ? time : this.#timeEmbedding(amax(t, { dim: 1 }));
    return {
      time,
      pointTime: clipTime,
      shared: this.#shared.forward(time),
      sharedPoints: this.#sharedPoints?.forward(clipTime) ?? clipTime,
      rotary: encoded.rotary,
      pointRotary: encoded.pointRotary,
      pixelIspe: encoded.pixelIspe_11LE,
      pointIspe: encoded.pointIspe_BTSE,
      pointMask: encoded.pointMask,
      frameWithBody: encoded.frameWithBody,
      camera_MLD: encoded.camera_MLD,
      image_BLD: encoded.image_BLD,
      reference: encoded.reference,
      swap: encoded.swap && this.#swap && {
        tables: encoded.swap,
        shared: this.#swap.forward(time),
        rotary: encoded.rotary,
      },
      subjectGiven: reshape(encoded.conditions.subjectGiven, [-1, 1, 1, 1]),
    };
  }

  /** Flow times of any shape → [..., D]. */
  #timeEmbedding(t: Tensor): Tensor {
    const waves = timestepEmbedding(mul(reshape(t, [-1]), 1000), TIME_CHANNELS);
    return reshape(this.#time.forward(waves), [...t.shape, this.config.width]);
  }

  /** The 2D tokens that go into the first layer. */
  embed(noisy: Tensor, { conditions }: Pick<EncodedConditions, "conditions">): Tensor {
    const [B, , T, h, w] = noisy.shape;
    const { positionTableSize: gridSize, patchSize } = this.config;
    return scope(() => {
      const [height, width] = [h / patchSize, w / patchSize];
      const positions = cropPositions(this.#positions, { gridSize, height, width });
      const x_MLD = add(this.#patch.forward(this.#input(noisy, conditions)), positions);
      return reshape(x_MLD, [B, T, x_MLD.shape[1], x_MLD.shape[2]]);
    });
  }

  /** The 2D tokens after all layers; each layer's own are freed when the next one's are there. */
  #throughLayers(first: Streams, context: LayerContext): Tensor {
    let now = first;
    for (const layer of this.layers) {
      const next = layer.forward(now, context);
      now.x_BTLD.dispose();
      // The first ones are the conditions', for the steps to come.
      if (now !== first && next.points_BTSE !== now.points_BTSE) now.points_BTSE.dispose();
      now = next;
    }
    return now.x_BTLD;
  }

  /** Noise, reference, background, flag and maps over channels, latent frames over the batch. */
  #input(noisy: Tensor, conditions: IsaDitConditions): Tensor {
    const [B, C, T, h, w] = noisy.shape;
    const subject = reshape(conditions.subjectGiven, [B, 1, 1, 1, 1]);
    const concat = this.config.identityConcat ? 1 : 0;
    const reference = expand(unsqueeze(conditions.reference, 2), [B, C, T, h, w]);
    const flag = expand(reshape(conditions.backgroundGiven, [B, 1, 1, 1, 1]), [B, 1, T, h, w]);
    const maps = this.#normals(conditions);
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
  #normals({ normals }: IsaDitConditions): Tensor | undefined {
    if (!readsNormals(this.config)) return undefined;
    if (normals) return normals;
    throw new ConfigError(
      `the model's control is "${this.config.control}", but the conditions have no normal maps`,
    );
  }

  #imageTokens(image: Tensor, subjectGiven: Tensor): Tensor | undefined {
    if (!this.#tower || !this.#noImage) return undefined;
    const tokens = this.#tower.forward(image).lastHiddenState;
    const given = reshape(subjectGiven, [-1, 1, 1]);
    return add(mul(tokens, given), mul(this.#noImage, add(mul(given, -1), 1)));
  }

  /** 2D tokens after the last layer → flow of latents of size h×w. */
  output(
    x_BTLD: Tensor,
    { time }: Pick<LayerContext, "time">,
    { h, w }: { readonly h: number; readonly w: number },
  ): Tensor {
    const [B, T] = x_BTLD.shape;
    const { patchSize: p, latentChannels: C } = this.config;
    // SD3's final norm: scale first, then shift.
    const [scale, shift] = chunk(overTokens(this.#outModulation.forward(silu(time))), 2, -1);
    const x = add(mul(this.#outNorm.forward(x_BTLD), add(scale, 1)), shift);
    const patches = reshape(this.#out.forward(x), [B, T, h / p, w / p, p, p, C]);
    return reshape(permute(patches, [0, 6, 1, 2, 4, 3, 5]), [B, C, T, h, w]);
  }

  #checkSize(h: number, w: number): void {
    const side = this.config.camera
      ? Math.max(this.config.patchSize, this.config.cameraPatch)
      : this.config.patchSize;
    if (h % side !== 0 || w % side !== 0) {
      throw new ConfigError(
        `latent size ${w}×${h} does not divide into squares of ${side}; choose width and height in multiples of ${
          8 * side
        } pixels`,
      );
    }
  }
}
