// r rank

/**
 * Low-rank adaptation (LoRA, Hu et al. 2021): a linear map learns B A beside its frozen weight. The
 * parts are called as peft calls them: `<path>.lora_A.weight` [r, in], `<path>.lora_B.weight` [out, r].
 * @module
 */
import { InputError } from "../errors.ts";
import { add, copy_, linear, matmul, mul, noGrad, scope, type Tensor, to } from "../tensor/mod.ts";
import { kaimingUniform, zeroInit } from "./init.ts";
import type { StateSource } from "./state.ts";
import type { LoraOptions, Vars } from "./vars.ts";

/** The low-rank part of one linear map; it begins as nothing. */
export class LowRank {
  readonly #down: Tensor;
  readonly #up: Tensor;
  readonly #scale: number;

  /** Registers A and B below `path` of the options' variables. */
  constructor(
    { vars, rank, alpha }: LoraOptions,
    path: string,
    [inDim, outDim]: readonly [number, number],
  ) {
    const place = vars.sub(path);
    this.#down = place.parameter("lora_A.weight", [rank, inDim], kaimingUniform(inDim));
    this.#up = place.parameter("lora_B.weight", [outDim, rank], zeroInit);
    this.#scale = alpha / rank;
  }

  /** [..., in] → [..., out]: (alpha / r) x Aᵀ Bᵀ. */
  forward(x: Tensor): Tensor {
    return scope(() => mul(linear(linear(x, this.#down), this.#up), this.#scale));
  }
}

/** A trained set of low-rank parts. */
export interface LoraParts {
  /** `<path>.lora_A.weight` and `<path>.lora_B.weight`. */
  readonly tensors: ReadonlyMap<string, StateSource>;
  /** Columns of the first factor. */
  readonly rank: number;
  /** The product counts alpha / rank. */
  readonly alpha: number;
}

/**
 * Adds `strength` · (alpha / r) B A to every weight of `vars` that `parts` names, so that generating
 * costs what it cost without. Returns how many weights changed; nothing is changed when it throws.
 *
 * @throws InputError when a part lacks its partner, names no linear map of this model or is of
 *   another size
 */
export function mergeLora(vars: Vars, parts: LoraParts, strength: number = 1): number {
  const weights = vars.named();
  const pairs = [...pathsOf(parts)].map((path) => {
    const down = parts.tensors.get(`${path}.lora_A.weight`);
    const up = parts.tensors.get(`${path}.lora_B.weight`);
    const weight = weights.get(`${path}.weight`);
    if (!down || !up) throw new InputError(`LoRA: "${path}" has only one of lora_A and lora_B`);
    if (!weight) throw new InputError(`LoRA: the model has no linear map "${path}"`);
    const [r, inDim] = down.shape;
    const fits = up.shape[1] === r && `${up.shape[0]},${inDim}` === weight.shape.join();
    if (!fits) {
      throw new InputError(
        `LoRA: "${path}" adds [${up.shape}] × [${down.shape}] to a weight of [${weight.shape}]`,
      );
    }
    return { weight, down, up };
  });
  const factor = strength * parts.alpha / parts.rank;
  noGrad(() => {
    for (const { weight, down, up } of pairs) {
      scope(() => {
        const [a, b] = [down, up].map((part) => to(part.open(), { dtype: "float32" }));
        const update = mul(matmul(b, a), factor);
        const exact = to(weight, { dtype: "float32" });
        copy_(weight, add(exact, to(update, { device: weight.device })));
      });
    }
  });
  return pairs.length;
}

function pathsOf({ tensors }: LoraParts): Set<string> {
  const paths = new Set<string>();
  for (const name of tensors.keys()) {
    const match = /^(.*)\.lora_[AB]\.weight$/.exec(name);
    if (!match) {
      throw new InputError(`LoRA: "${name}" is neither lora_A nor lora_B of a linear map`);
    }
    paths.add(match[1]);
  }
  return paths;
}
