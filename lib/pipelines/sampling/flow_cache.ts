/**
 * What is kept of the model's answers from one step to the next, to ask it less: flow times lie close,
 * and so do answers.
 * @module
 */
import { abs, add, full, item, keep, mean, scope, sub, type Tensor } from "../../tensor/mod.ts";
import { type EncodedConditions, type IsaDit, walkLayers } from "../../models/isa_dit/mod.ts";

/** How much is kept. */
export interface FlowCacheOptions {
  /**
   * Guided evaluations for which the difference between both branches is used, the first included;
   * the others ask the conditional branch alone, at half the cost. Default 1: none is kept.
   */
  readonly cfgEvery?: number;
  /**
   * How much the first layer's part may have changed, relative to itself, for the other layers' part
   * to be taken from the last time that they were asked. Default 0: all layers are always asked.
   */
  readonly blockCache?: number;
  /** Tells that change; a plan, whose tensors hold no numbers, says it. Default: the mean absolute one. */
  readonly change?: (now: Tensor, before: Tensor) => number;
}

/** Answers about one clip or one window of it. Free it after use. */
export class FlowCache {
  readonly #options: FlowCacheOptions;
  readonly #blocks = new Map<number, { first: Tensor; rest: Tensor }>();
  #guidance?: { readonly difference: Tensor; age: number };

  constructor(options: FlowCacheOptions = {}) {
    this.#options = options;
  }

  /** What guidance adds for each unit of its scale, if that was found out recently enough. */
  difference(): Tensor | undefined {
    const kept = this.#guidance;
    if (!kept || ++kept.age >= (this.#options.cfgEvery ?? 1)) return undefined;
    return kept.difference;
  }

  /** Whether what {@linkcode keepDifference} is given will be used. */
  get keepsDifference(): boolean {
    return (this.#options.cfgEvery ?? 1) > 1;
  }

  /** Takes over the difference of both branches. */
  keepDifference(difference: Tensor): void {
    this.#guidance?.difference.dispose();
    this.#guidance = { difference: keep(difference), age: 0 };
  }

  /** The model's flow; its layers but the first may be answered from what is kept. */
  ask(model: IsaDit, { x, t, encoded }: Question): Tensor {
    const time = full([x.shape[0]], t, { device: x.device });
    const { blockCache = 0, change = meanChange } = this.#options;
    if (blockCache === 0) return model.forward(x, time, encoded);
    const [B] = x.shape;
    return scope(() => {
      const passage = model.enter(x, time, encoded);
      const { first, context, lent } = passage;
      const visit = (layer: IsaDit["layers"][number], now: typeof first) =>
        layer.forward(now, context);
      const [layer, ...others] = model.layers;
      const entered = visit(layer, first);
      const ofFirst = sub(entered.x_BTLD, first.x_BTLD);
      const kept = this.#blocks.get(B);
      if (kept && change(ofFirst, kept.first) < blockCache) {
        return model.leave(add(entered.x_BTLD, kept.rest), passage);
      }
      const last = walkLayers(others, entered, visit, { lent: [...lent, entered.x_BTLD] });
      this.#keepBlocks(B, { first: ofFirst, rest: sub(last.x_BTLD, entered.x_BTLD) });
      return model.leave(last.x_BTLD, passage);
    });
  }

  #keepBlocks(B: number, parts: { first: Tensor; rest: Tensor }): void {
    const before = this.#blocks.get(B);
    before?.first.dispose();
    before?.rest.dispose();
    this.#blocks.set(B, { first: keep(parts.first), rest: keep(parts.rest) });
  }

  /** Frees what is kept. */
  [Symbol.dispose](): void {
    this.#guidance?.difference.dispose();
    this.#guidance = undefined;
    for (const { first, rest } of this.#blocks.values()) {
      first.dispose();
      rest.dispose();
    }
    this.#blocks.clear();
  }
}

/** What the model is asked. */
export interface Question {
  /** [B, C, T, h, w] */
  readonly x: Tensor;
  /** Flow time. */
  readonly t: number;
  readonly encoded: EncodedConditions;
}

/** Mean absolute change, relative to what was there. */
function meanChange(now: Tensor, before: Tensor): number {
  return item(mean(abs(sub(now, before)))) / item(mean(abs(before)));
}
