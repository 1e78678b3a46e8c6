/** How much memory a computation holds at once, counted by storages: a view costs nothing. */

import { tensorStorage } from "../native/mod.ts";
import { type CallRecord, onCall } from "./call.ts";
import { handleOf, type Tensor, watchTensors } from "./tensor.ts";

/** What a {@link MemoryTrace} is told of a call besides its tensors. */
export interface MemoryTraceOptions {
  /** Bytes that an operator takes for itself while it runs and no tensor shows. Default none. */
  readonly workspace?: (call: CallRecord) => number;
  /** Sees each operator call. */
  readonly onCall?: (call: CallRecord) => void;
}

/**
 * Follows the tensors made within {@link MemoryTrace.run}, on any device, meta too. Tensors made
 * before count nothing, and neither do their views.
 */
export class MemoryTrace {
  readonly #options: MemoryTraceOptions;
  /** Storage of each tensor seen. */
  readonly #storageOf = new Map<Tensor, number>();
  readonly #storages = new Map<number, { bytes: number; owners: number }>();
  /** Storages of tensors that are there already. */
  readonly #foreign: ReadonlySet<number>;
  #live = 0;
  #peak = 0;

  /** `resident` are the tensors made before, such as a model's variables. */
  constructor(resident: Iterable<Tensor> = [], options: MemoryTraceOptions = {}) {
    this.#options = options;
    this.#foreign = new Set(Array.from(resident, (tensor) => tensorStorage(handleOf(tensor)).id));
  }

  /** Bytes held now. */
  get live(): number {
    return this.#live;
  }

  /** The most bytes that were held at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Begins a new peak at what is held now. */
  resetPeak(): void {
    this.#peak = this.#live;
  }

  /** Runs `fn` under observation; may be called again and again. */
  run<T>(fn: () => T): T {
    const { workspace, onCall: seen } = this.#options;
    const watcher = {
      made: (tensor: Tensor) => this.#made(tensor),
      freed: (tensor: Tensor) => this.#freed(tensor),
    };
    const observe = (call: CallRecord) => {
      seen?.(call);
      this.#peak = Math.max(this.#peak, this.#live + (workspace?.(call) ?? 0));
    };
    const watched = () => watchTensors(watcher, fn);
    return workspace || seen ? onCall(observe, watched) : watched();
  }

  #made(tensor: Tensor): void {
    const { id, bytes } = tensorStorage(handleOf(tensor));
    if (this.#foreign.has(id)) return;
    this.#storageOf.set(tensor, id);
    const known = this.#storages.get(id);
    if (known) {
      known.owners++;
      return;
    }
    this.#storages.set(id, { bytes, owners: 1 });
    this.#live += bytes;
    this.#peak = Math.max(this.#peak, this.#live);
  }

  #freed(tensor: Tensor): void {
    const id = this.#storageOf.get(tensor);
    if (id === undefined) return;
    this.#storageOf.delete(tensor);
    const storage = this.#storages.get(id)!;
    if (--storage.owners > 0) return;
    this.#storages.delete(id);
    this.#live -= storage.bytes;
  }
}
