import {
  _foreachAdd_,
  _foreachMul_,
  _foreachNorm,
  _fusedAdamw_,
  contiguous,
  item,
  linalgVectorNorm,
  noGrad,
  scope,
  stack,
  type Tensor,
  zeros,
} from "../tensor/mod.ts";
import { Ranks } from "./distributed/mod.ts";
import { type TrainSettings, trainSettings } from "./settings.ts";

/** How AdamW moves; defaults as of {@linkcode trainSettings}. */
export type AdamWOptions = Partial<Pick<TrainSettings, "betas" | "eps" | "weightDecay">>;

const optionsSchema = trainSettings.pick({ betas: true, eps: true, weightDecay: true }).strip();

/** AdamW (Loshchilov and Hutter 2019) over named float32 parameters, fused in libtorch. */
export class AdamW {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #moments = new Map<string, { first: Tensor; second: Tensor; step: Tensor }>();
  readonly #settings: Required<AdamWOptions>;

  /** Begins with moments of 0. */
  constructor(parameters: ReadonlyMap<string, Tensor>, options: AdamWOptions = {}) {
    this.#parameters = parameters;
    this.#settings = optionsSchema.parse(options);
    for (const [name, { shape, device }] of parameters) {
      this.#moments.set(name, {
        first: zeros(shape, { device }),
        second: zeros(shape, { device }),
        step: zeros([], { device }),
      });
    }
  }

  /** Updates the parameters that have a gradient. Vectors and scalars get no weight decay. */
  step(gradients: ReadonlyMap<string, Tensor>, learningRate: number): void {
    for (const decays of [true, false]) {
      const names = [...gradients.keys()].filter((name) =>
        this.#parameters.get(name)!.shape.length > 1 === decays
      );
      if (names.length > 0) this.#update(names, gradients, learningRate, decays);
    }
  }

  #update(
    names: string[],
    gradients: ReadonlyMap<string, Tensor>,
    lr: number,
    decays: boolean,
  ): void {
    const moments = names.map((name) => this.#moments.get(name)!);
    const { betas, eps, weightDecay } = this.#settings;
    scope(() =>
      noGrad(() => {
        _foreachAdd_(moments.map(({ step }) => step), 1);
        _fusedAdamw_(
          names.map((name) => this.#parameters.get(name)!),
          // It walks memory, not elements: a convolution's gradient may lie in another order.
          names.map((name) => contiguous(gradients.get(name)!)),
          moments.map(({ first }) => first),
          moments.map(({ second }) => second),
          [],
          moments.map(({ step }) => step),
          {
            lr,
            beta1: betas[0],
            beta2: betas[1],
            weightDecay: decays ? weightDecay : 0,
            eps,
            amsgrad: false,
            maximize: false,
          },
        );
      })
    );
  }

  /** Moments by `name.first`, `name.second` and `name.step`, for checkpoints. */
  state(): Map<string, Tensor> {
    const out = new Map<string, Tensor>();
    for (const [name, moments] of this.#moments) {
      for (const [key, value] of Object.entries(moments)) out.set(`${name}.${key}`, value);
    }
    return out;
  }

  /** Frees the moments. */
  dispose(): void {
    for (const tensor of this.state().values()) tensor.dispose();
  }
}

/**
 * Scales all gradients, in place, to a common norm of at most `maxNorm`; returns the norm before.
 * Among ranks, each gives its own parameters' gradients, and the norm is that of all together.
 */
export function clipGradients(
  gradients: readonly Tensor[],
  { maxNorm, ranks = Ranks.alone }: { readonly maxNorm: number; readonly ranks?: Ranks },
): number {
  return scope(() =>
    noGrad(() => {
      const own = gradients.length > 0
        ? item(linalgVectorNorm(stack(_foreachNorm([...gradients]), 0)))
        : 0;
      const norm = ranks.world > 1 ? Math.sqrt(ranks.sum([own * own])[0]) : own;
      const factor = maxNorm / (norm + 1e-6);
      if (factor < 1 && gradients.length > 0) _foreachMul_([...gradients], factor);
      return norm;
    })
  );
}
