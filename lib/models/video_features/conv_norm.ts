/**
 * Convolution and batch normalisation with the statistics of training, as Inception nets have them.
 * @module
 */
import { kaimingUniform, oneInit, type Vars, zeroInit } from "../../nn/mod.ts";
import { add, mul, relu, reshape, rsqrt, scope, sub, type Tensor } from "../../tensor/mod.ts";

/** Sonnet's and torchvision's Inception: 0.001, not PyTorch's default. */
const EPS = 1e-3;

/** Folds `bn` into weight and bias of the convolution before it; ReLU comes after. */
export class ConvNorm {
  readonly #weight: Tensor;
  readonly #norm: Readonly<Record<"weight" | "bias" | "running_mean" | "running_var", Tensor>>;
  readonly #convolve: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor;

  /** Registers `<conv>.weight` of `shape` and `bn.…`. */
  constructor(vars: Vars, shape: readonly number[], options: {
    readonly conv: string;
    readonly convolve: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor;
  }) {
    const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
    const conv = vars.sub(options.conv);
    this.#weight = conv.parameter("weight", shape, kaimingUniform(fanIn));
    const bn = vars.sub("bn");
    const row = [shape[0]];
    this.#norm = {
      weight: bn.parameter("weight", row, oneInit),
      bias: bn.parameter("bias", row, zeroInit),
      running_mean: bn.buffer("running_mean", row, zeroInit),
      running_var: bn.buffer("running_var", row, oneInit),
    };
    this.#convolve = options.convolve;
  }

  /** [B,C,…] → [B,C',…]. */
  forward(x: Tensor): Tensor {
    return scope(() => {
      const { weight, bias, running_mean, running_var } = this.#norm;
      const scale = mul(weight, rsqrt(add(running_var, EPS)));
      const rows = [scale.numel, ...this.#weight.shape.slice(1).map(() => 1)];
      const folded = mul(this.#weight, reshape(scale, rows));
      return relu(this.#convolve(x, folded, sub(bias, mul(running_mean, scale))));
    });
  }
}
