/**
 * The gradients of one step: where a process trains alone, sums in memory; among ranks, averages that
 * gather at the owners of the parameters while the backward pass goes on.
 * @module
 */
import {
  _foreachCopy_,
  add_,
  grad,
  GradientBuckets,
  noGrad,
  type ProcessGroup,
  scope,
  type Tensor,
} from "../../tensor/mod.ts";
import { planBuckets } from "./bucket_plan.ts";
import type { Ranks } from "./ranks.ts";

/** Gradients of one set of parameters. */
export interface Gradients {
  /** The parameters that this rank moves: its own ones, all where it is alone. */
  readonly owned: ReadonlyMap<string, Tensor>;
  /** Begins a step. */
  clear(): void;
  /** Adds the gradients of a scalar loss; `last` in a step's last pass. */
  add(loss: Tensor, options: { readonly last: boolean }): void;
  /** After the last pass: gradients of the owned parameters that had one on any rank, by name. */
  collect(): ReadonlyMap<string, Tensor>;
  /** Gives the owned parameters' values to all ranks. */
  share(): void;
  /** Frees memory and hooks. */
  dispose(): void;
}

/** The gradients of `parameters` among `ranks`. */
export function newGradients(parameters: ReadonlyMap<string, Tensor>, ranks: Ranks): Gradients {
  return ranks.group
    ? new SharedGradients(parameters, ranks.group)
    : new LocalGradients(parameters);
}

class LocalGradients implements Gradients {
  readonly owned: ReadonlyMap<string, Tensor>;
  #sums = new Map<string, Tensor>();

  constructor(parameters: ReadonlyMap<string, Tensor>) {
    this.owned = parameters;
  }

  /** The tensors go with the scope of their step. */
  clear(): void {
    this.#sums = new Map();
  }

  add(loss: Tensor): void {
    const names = [...this.owned.keys()];
    const found = grad([loss], [...this.owned.values()], { allowUnused: true });
    for (const [i, gradient] of found.entries()) {
      if (!gradient) continue;
      const sum = this.#sums.get(names[i]);
      if (sum) add_(sum, gradient);
      else this.#sums.set(names[i], gradient);
    }
  }

  collect(): ReadonlyMap<string, Tensor> {
    return this.#sums;
  }

  share(): void {}

  dispose(): void {}
}

class SharedGradients implements Gradients {
  readonly owned: ReadonlyMap<string, Tensor>;
  readonly #group: ProcessGroup;
  readonly #buckets: GradientBuckets;
  /** All parameters, with their part of the buckets, in the buckets' order. */
  readonly #places: readonly {
    readonly name: string;
    readonly parameter: Tensor;
    readonly part: Tensor;
    readonly own: boolean;
  }[];

  constructor(parameters: ReadonlyMap<string, Tensor>, group: ProcessGroup) {
    const plan = planBuckets(parameters, group.world);
    this.#group = group;
    this.#buckets = new GradientBuckets(
      group,
      plan.map(({ names, owner }) => ({
        parameters: names.map((name) => parameters.get(name)!),
        owner,
      })),
    );
    const flat = plan.flatMap(({ names, owner }) => names.map((name) => ({ name, owner })));
    this.#places = flat.map(({ name, owner }, i) => ({
      name,
      parameter: parameters.get(name)!,
      part: this.#buckets.parts[i],
      own: owner === group.rank,
    }));
    const own = new Set(this.#places.filter(({ own }) => own).map(({ name }) => name));
    // In the parameters' order, whatever the buckets' is.
    this.owned = new Map([...parameters].filter(([name]) => own.has(name)));
  }

  clear(): void {
    this.#buckets.clear();
  }

  add(loss: Tensor, { last }: { readonly last: boolean }): void {
    const parameters = this.#places.map(({ parameter }) => parameter);
    this.#buckets.pass(
      () => void scope(() => void grad([loss], parameters, { allowUnused: true })),
      { last },
    );
  }

  collect(): ReadonlyMap<string, Tensor> {
    const used = this.#group.sum(this.#buckets.arrive().map(Number));
    const own = this.#places.filter(({ own }, i) => own && used[i] > 0);
    return new Map(own.map(({ name, part }) => [name, part]));
  }

  /** The buckets serve again: a step's gradients are not needed once the parameters have moved. */
  share(): void {
    noGrad(() => {
      const own = this.#places.filter(({ own }) => own);
      const others = this.#places.filter(({ own }) => !own);
      copyAll(own.map(({ part }) => part), own.map(({ parameter }) => parameter));
      this.#buckets.share();
      copyAll(others.map(({ parameter }) => parameter), others.map(({ part }) => part));
    });
  }

  dispose(): void {
    this.#buckets.dispose();
  }
}

function copyAll(into: readonly Tensor[], from: readonly Tensor[]): void {
  if (into.length > 0) _foreachCopy_(into, from);
}
