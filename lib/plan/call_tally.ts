/**
 * Operator calls by kind, counted.
 * @module
 */
import type { OperatorCall } from "../tensor/mod.ts";
import { flopsOf } from "./model_facts.ts";

/** One operator with one set of shapes. */
export interface TalliedCall {
  readonly call: OperatorCall;
  /** Bytes that it takes for its results; none for a view. */
  readonly made: number;
  readonly flops: number;
  /** How often; not whole where calls are scaled. */
  count: number;
}

/** Counts calls of equal operator and shapes together. */
export class CallTally {
  readonly #kinds = new Map<string, TalliedCall>();

  /** Every kind seen. */
  get kinds(): readonly TalliedCall[] {
    return [...this.#kinds.values()];
  }

  /** Floating-point operations of all calls. */
  get flops(): number {
    return this.kinds.reduce((sum, { flops, count }) => sum + flops * count, 0);
  }

  /** Counts a call. */
  add(call: OperatorCall, made: number): void {
    this.#count({ call, made, flops: flopsOf(call), count: 1 });
  }

  /** Counts all of another tally, so many times. */
  addAll(other: CallTally, times: number): void {
    for (const kind of other.kinds) this.#count({ ...kind, count: kind.count * times });
  }

  #count(kind: TalliedCall): void {
    const { call: { op, inputs, bytes }, made, count } = kind;
    const key = `${op} ${inputs.join(" ")} ${bytes} ${made > 0}`;
    const known = this.#kinds.get(key);
    if (known) known.count += count;
    else this.#kinds.set(key, { ...kind });
  }
}
