import { _foreachLerp_, clone, copy_, noGrad, type Tensor } from "../tensor/mod.ts";

/** Exponential moving average of named parameters; sampling uses it instead of the last step's. */
export class Ema {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #averages = new Map<string, Tensor>();
  readonly #decay: number;
  readonly #share: () => void;

  /**
   * `parameters` are those whose averages this process keeps; `share` gives their values to the other
   * ranks, where there are some.
   */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    decay: number,
    share: () => void = () => {},
  ) {
    this.#parameters = parameters;
    this.#decay = decay;
    this.#share = share;
    noGrad(() => {
      for (const [name, value] of parameters) this.#averages.set(name, clone(value));
    });
  }

  /** Moves the averages; early steps count more, so that the start is forgotten. `step` from 0. */
  update(step: number): void {
    if (this.#averages.size === 0) return;
    const decay = Math.min(this.#decay, (step + 1) / (step + 10));
    noGrad(() =>
      _foreachLerp_([...this.#averages.values()], [...this.#parameters.values()], 1 - decay)
    );
  }

  /** Runs `fn` to its end with the averages in the parameters' place, on all ranks at once. */
  async use<T>(fn: () => Promise<T>): Promise<T> {
    this.#swap();
    try {
      return await fn();
    } finally {
      this.#swap();
    }
  }

  /** The averages, by parameter name. */
  state(): ReadonlyMap<string, Tensor> {
    return this.#averages;
  }

  #swap(): void {
    noGrad(() => {
      for (const [name, parameter] of this.#parameters) {
        const average = this.#averages.get(name)!;
        using kept = clone(parameter);
        copy_(parameter, average);
        copy_(average, kept);
      }
    });
    this.#share();
  }

  /** Frees the averages. */
  dispose(): void {
    for (const tensor of this.#averages.values()) tensor.dispose();
  }
}
