import { withProducts } from "../nn/mod.ts";
import { item, mul, type Tensor } from "../tensor/mod.ts";
import { AdamW, clipGradients } from "./adamw.ts";
import { type Gradients, newGradients, type Ranks } from "./distributed/mod.ts";
import type { TrainSettings } from "./settings.ts";

/** Parameters with the optimiser that moves them and the gradients of the step at hand. */
export class Learner {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #settings: TrainSettings;
  readonly #ranks: Ranks;
  readonly #gradients: Gradients;
  readonly #optimizer: AdamW;
  #collected: ReadonlyMap<string, Tensor> = new Map();

  /** `parameters` by name; there must be one at least. All ranks begin with rank 0's values. */
  constructor(parameters: ReadonlyMap<string, Tensor>, settings: TrainSettings, ranks: Ranks) {
    ranks.copyFromFirst(parameters.values());
    this.#parameters = parameters;
    this.#settings = settings;
    this.#ranks = ranks;
    this.#gradients = newGradients(parameters, ranks);
    this.#optimizer = new AdamW(this.#gradients.owned, settings);
  }

  /**
   * Adds the gradients of micro-batch `micro`'s loss to the step's, in equal shares; returns the loss
   * of this rank's samples. Runs inside the scope of the step.
   */
  accumulate(micro: number, makeLoss: () => Tensor): number {
    const { compute, accumulate } = this.#settings;
    const [{ device }] = this.#parameters.values();
    const loss = withProducts({ device, dtype: compute }, makeLoss);
    const share = mul(loss, 1 / (accumulate * this.#ranks.world));
    this.#gradients.add(share, { last: micro === accumulate - 1 });
    return item(loss);
  }

  /** Clips what all ranks accumulated; returns the norm before. */
  clip(): number {
    this.#collected = this.#gradients.collect();
    return clipGradients([...this.#collected.values()], {
      maxNorm: this.#settings.clipNorm,
      ranks: this.#ranks,
    });
  }

  /** Moves the parameters, everywhere. */
  apply(learningRate: number): void {
    this.#optimizer.step(this.#collected, learningRate);
    this.#gradients.share();
  }

  /** Forgets the step's gradients, which the step's scope frees. */
  clear(): void {
    this.#collected = new Map();
    this.#gradients.clear();
  }

  /** All parameters. */
  parameters(): ReadonlyMap<string, Tensor> {
    return this.#parameters;
  }

  /** The parameters whose moments this rank keeps. */
  owned(): ReadonlyMap<string, Tensor> {
    return this.#gradients.owned;
  }

  /** The optimiser's state of the owned parameters, for checkpoints. */
  moments(): Map<string, Tensor> {
    return this.#optimizer.state();
  }

  /** Gives the owned parameters' values to all ranks, after they were changed by hand. */
  share(): void {
    this.#gradients.share();
  }

  /** Frees the optimiser's state; the parameters stay. */
  dispose(): void {
    this.#gradients.dispose();
    this.#optimizer.dispose();
  }
}
