import { Attention, Conv2d, LayerNorm, Linear, normalInit, type Vars } from "../../nn/mod.ts";
import {
  add,
  cat,
  expand,
  flatten,
  gelu,
  mul,
  select,
  sigmoid,
  type Tensor,
  transpose,
} from "../../tensor/mod.ts";
import type { ClipVisionConfig } from "./config.ts";

// B batch, L tokens (one class token, then patches), D hidden size

/** What the tower says of an image. */
export interface ClipVisionOutput {
  /** One token a patch and the class token in front, [B, L, D]. */
  readonly lastHiddenState: Tensor;
  /** The class token after the final norm, [B, D]. */
  readonly pooled: Tensor;
  /** That in the space shared with text, [B, projectionSize], where the tower has one. */
  readonly projected?: Tensor;
}

/**
 * CLIP's vision transformer. Names follow transformers' CLIPVisionModel but for the attention's
 * projections, which are called `to_q`, `to_k`, `to_v` and `to_out.0` as everywhere here.
 */
export class ClipVisionTower {
  readonly #classEmbedding: Tensor;
  readonly #patch: Conv2d;
  readonly #positions: Tensor;
  readonly #preNorm: LayerNorm;
  readonly #layers: readonly ClipLayer[];
  readonly #postNorm: LayerNorm;
  readonly #projection?: Linear;

  /** Registers the tower's variables in `vars`. */
  constructor(vars: Vars, config: ClipVisionConfig) {
    const { hiddenSize: D, patchSize } = config;
    const embeddings = vars.sub("embeddings");
    const small = normalInit(0.02);
    this.#classEmbedding = embeddings.parameter("class_embedding", [D], small);
    this.#patch = new Conv2d(embeddings.sub("patch_embedding"), 3, D, {
      kernel: patchSize,
      stride: patchSize,
      bias: false,
    });
    const tokens = (config.imageSize / patchSize) ** 2 + 1;
    this.#positions = embeddings.parameter("position_embedding.weight", [tokens, D], small);
    // transformers spells it so, and files on disk follow.
    this.#preNorm = new LayerNorm(vars.sub("pre_layrnorm"), D, { eps: 1e-5 });
    const layers = vars.sub("encoder").sub("layers");
    this.#layers = Array.from(
      { length: config.layers },
      (_, index) => new ClipLayer(layers.sub(index), config),
    );
    this.#postNorm = new LayerNorm(vars.sub("post_layernorm"), D, { eps: 1e-5 });
    if (config.projectionSize !== undefined) {
      this.#projection = new Linear(vars.sub("visual_projection"), D, config.projectionSize, {
        bias: false,
      });
    }
  }

  /** Image [B, 3, S, S], normalised by CLIP's statistics → tokens and pooled vector. */
  forward(image: Tensor): ClipVisionOutput {
    const patches_BLD = transpose(flatten(this.#patch.forward(image), { startDim: 2 }), 1, 2);
    const [B, , D] = patches_BLD.shape;
    const tokens = cat([expand(this.#classEmbedding, [B, 1, D]), patches_BLD], 1);
    let x = this.#preNorm.forward(add(tokens, this.#positions));
    for (const layer of this.#layers) x = layer.forward(x);
    const pooled = this.#postNorm.forward(select(x, 1, 0));
    return { lastHiddenState: x, pooled, projected: this.#projection?.forward(pooled) };
  }
}

class ClipLayer {
  readonly #norm1: LayerNorm;
  readonly #attn: Attention;
  readonly #norm2: LayerNorm;
  readonly #fc1: Linear;
  readonly #fc2: Linear;
  readonly #activation: ClipVisionConfig["activation"];

  constructor(vars: Vars, config: ClipVisionConfig) {
    const { hiddenSize, intermediateSize, heads } = config;
    this.#activation = config.activation;
    this.#norm1 = new LayerNorm(vars.sub("layer_norm1"), hiddenSize, { eps: 1e-5 });
    this.#attn = new Attention(vars.sub("self_attn"), hiddenSize, heads);
    this.#norm2 = new LayerNorm(vars.sub("layer_norm2"), hiddenSize, { eps: 1e-5 });
    this.#fc1 = new Linear(vars.sub("mlp").sub("fc1"), hiddenSize, intermediateSize);
    this.#fc2 = new Linear(vars.sub("mlp").sub("fc2"), intermediateSize, hiddenSize);
  }

  forward(x_BLD: Tensor): Tensor {
    const x = add(x_BLD, this.#attn.forward(this.#norm1.forward(x_BLD)));
    const h = this.#fc1.forward(this.#norm2.forward(x));
    const active = this.#activation === "gelu" ? gelu(h) : mul(h, sigmoid(mul(h, 1.702)));
    return add(x, this.#fc2.forward(active));
  }
}
