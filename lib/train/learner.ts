import { add_, autocast, grad, item, mul, scope, type Tensor } from "../tensor/mod.ts";
import { AdamW, clipGradients } from "./adamw.ts";
import type { TrainSettings } from "./settings.ts";

/** Parameters with the optimiser that moves them and the gradients of the step at hand. */
export class Learner {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #settings: TrainSettings;
  readonly #optimizer: AdamW;
  #gradients = new Map<string, Tensor>();

  /** `parameters` by name; there must be one at least. */
  constructor(parameters: ReadonlyMap<string, Tensor>, settings: TrainSettings) {
    this.#parameters = parameters;
    this.#settings = settings;
    this.#optimizer = new AdamW(parameters, settings);
  }

  /**
   * Adds the gradients of one micro-batch's loss to the step's, in equal shares; returns the loss.
   * Runs inside the scope of the step.
   */
  accumulate(makeLoss: () => Tensor): number {
    const { compute, accumulate } = this.#settings;
    const names = [...this.#parameters.keys()];
    const parameters = [...this.#parameters.values()];
    const { device } = parameters[0];
    const loss = compute === "float32"
      ? makeLoss()
      : autocast({ device, dtype: compute }, makeLoss);
    const found = grad([mul(loss, 1 / accumulate)], parameters, { allowUnused: true });
    for (const [i, gradient] of found.entries()) {
      if (!gradient) continue;
      const sum = this.#gradients.get(names[i]);
      if (sum) add_(sum, gradient);
      else this.#gradients.set(names[i], gradient);
    }
    return item(loss);
  }

  /** Clips what was accumulated; returns the norm before. */
  clip(): number {
    return clipGradients([...this.#gradients.values()], this.#settings.clipNorm);
  }

  /** Moves the parameters. */
  apply(learningRate: number): void {
    scope(() => this.#optimizer.step(this.#gradients, learningRate));
  }

  /** Forgets the step's gradients, which the step's scope frees. */
  clear(): void {
    this.#gradients = new Map();
  }

  /** The parameters, for checkpoints. */
  parameters(): ReadonlyMap<string, Tensor> {
    return this.#parameters;
  }

  /** The optimiser's state, for checkpoints. */
  moments(): Map<string, Tensor> {
    return this.#optimizer.state();
  }

  /** Frees the optimiser's state; the parameters stay. */
  dispose(): void {
    this.#optimizer.dispose();
  }
}
