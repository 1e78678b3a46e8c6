/**
 * The flow that the model predicts under conditions, with classifier-free guidance.
 * @module
 */
import { guide } from "../../diffusion/mod.ts";
import {
  type EncodedConditions,
  type IsaDit,
  type IsaDitConditions,
  joinClips,
  withoutSubject,
} from "../../models/isa_dit/mod.ts";
import { withProducts } from "../../nn/mod.ts";
import {
  add,
  cat,
  keep,
  mul,
  narrow,
  noGrad,
  scope,
  sub,
  Tensor,
  tensorsIn,
  to,
} from "../../tensor/mod.ts";
import { FlowCache, type FlowCacheOptions } from "./flow_cache.ts";
import { SharedReference } from "./shared_reference.ts";

/** How the model is asked. */
export interface GuidedFlowOptions extends FlowCacheOptions {
  /** 1: the conditional branch alone, at half the cost. */
  readonly cfgScale: number;
  /** Flow times [from, to] within which there is guidance; outside a step costs half. Default 0 to 1. */
  readonly cfgInterval?: readonly [number, number];
  readonly dtype?: "float32" | "bfloat16";
  /** The model's flow at `x` and flow time `t`; by itself that of `x`'s clips one by one. */
  readonly ask?: (x: Tensor, t: number, encoded: EncodedConditions) => Tensor;
}

/** The conditions, encoded once for all steps. */
interface Branches {
  /** With and without the subject, in one batch. */
  both?: EncodedConditions;
  conditional?: EncodedConditions;
}

/** Asks the model under the same conditions again and again. Free it after use. */
export class GuidedFlow {
  readonly #model: IsaDit;
  readonly #conditions: IsaDitConditions;
  readonly #options: GuidedFlowOptions;
  readonly #branches: Branches = {};
  /** What was encoded here, whose life no scope ends. */
  readonly #encoded = new Set<Tensor>();
  readonly #own: SharedReference;
  readonly #reference: SharedReference;
  readonly #ownCache: FlowCache;
  readonly #cache: FlowCache;

  /** `conditions`, `sharedReference` and `cache` stay the caller's, who frees them after this. */
  constructor(
    model: IsaDit,
    conditions: IsaDitConditions,
    options: GuidedFlowOptions & {
      readonly sharedReference?: SharedReference;
      readonly cache?: FlowCache;
    },
  ) {
    this.#model = model;
    this.#conditions = conditions;
    this.#options = options;
    this.#own = new SharedReference(model);
    this.#reference = options.sharedReference ?? this.#own;
    this.#ownCache = new FlowCache(options);
    this.#cache = options.cache ?? this.#ownCache;
  }

  /** Encodes for all of `times` what {@linkcode at} would else encode when it is first asked. */
  prepare(times: readonly number[]): void {
    if (times.some((t) => this.#guided(t))) this.#both();
    if (!times.every((t) => this.#guided(t)) || this.#cache.keepsDifference) this.#conditional();
  }

  /** Guided flow at `x` [B, C, T, h, w], B as the conditions have it, and flow time `t`, float32. */
  at(x: Tensor, t: number): Tensor {
    return noGrad(() =>
      scope(() => {
        if (!this.#guided(t)) return this.#ask(x, t, this.#conditional());
        const { cfgScale } = this.#options;
        const known = this.#cache.difference();
        if (known) return add(this.#ask(x, t, this.#conditional()), mul(known, cfgScale - 1));
        const flow = this.#ask(cat([x, x], 0), t, this.#both());
        const [B] = x.shape;
        const [given, without] = [narrow(flow, 0, 0, B), narrow(flow, 0, B, B)];
        if (this.#cache.keepsDifference) this.#cache.keepDifference(sub(given, without));
        return guide(given, without, cfgScale);
      })
    );
  }

  #guided(t: number): boolean {
    const { cfgScale, cfgInterval: [from, to] = [0, 1] } = this.#options;
    return cfgScale !== 1 && t >= from && t <= to;
  }

  #ask(x: Tensor, t: number, encoded: EncodedConditions): Tensor {
    const ask = this.#options.ask ??
      ((x, t, encoded) => this.#cache.ask(this.#model, { x, t, encoded }));
    return to(this.#half(x, () => ask(x, t, encoded)), { dtype: "float32" });
  }

  #both(): EncodedConditions {
    return this.#branches.both ??= this.#encode(() =>
      joinClips([this.#conditions, withoutSubject(this.#conditions)])
    );
  }

  #conditional(): EncodedConditions {
    return this.#branches.conditional ??= this.#encode(() => this.#conditions);
  }

  #encode(conditions: () => IsaDitConditions): EncodedConditions {
    const encoded = noGrad(() =>
      scope(() =>
        this.#half(this.#conditions.background, () => {
          const reference = this.#reference.of(this.#conditions);
          return this.#model.encode(conditions(), { reference });
        })
      )
    );
    const lent = tensorsIn([this.#conditions, encoded.reference]);
    for (const tensor of tensorsIn(encoded)) {
      if (!lent.has(tensor)) this.#encoded.add(keep(tensor));
    }
    return encoded;
  }

  #half<T>({ device }: Tensor, body: () => T): T {
    return withProducts({ device, dtype: this.#options.dtype ?? "float32" }, body);
  }

  /** Frees what was encoded. */
  dispose(): void {
    using _own = this.#own;
    using _cache = this.#ownCache;
    for (const tensor of this.#encoded) tensor.dispose();
  }

  /** Same as {@linkcode dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
