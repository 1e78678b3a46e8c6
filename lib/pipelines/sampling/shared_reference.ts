/**
 * SCD's stage one, made once for all that is sampled of a clip: every step, every window, and both
 * branches of guidance.
 * @module
 */
import type { IsaDit, IsaDitConditions, ReferenceCache } from "../../models/isa_dit/mod.ts";
import { disposeAll, keep, scope, tensorsIn } from "../../tensor/mod.ts";

/** Keys and values of the references, made when they are first asked for. Free it after use. */
export class SharedReference {
  readonly #model: IsaDit;
  #cache: ReferenceCache | undefined;

  constructor(model: IsaDit) {
    this.#model = model;
  }

  /** The first caller's references serve all; undefined where the model reads none. */
  of(conditions: IsaDitConditions): ReferenceCache | undefined {
    return this.#cache ??= scope(() => {
      const cache = this.#model.added.scd?.extract(this.#model, conditions);
      for (const tensor of tensorsIn(cache)) keep(tensor);
      return cache;
    });
  }

  /** Frees what was made. */
  [Symbol.dispose](): void {
    if (this.#cache) disposeAll(this.#cache);
    this.#cache = undefined;
  }
}
