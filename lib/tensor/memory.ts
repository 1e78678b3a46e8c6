/** How much memory a computation holds at once, counted by storages: a view costs nothing. */

import { tensorStorage } from "../native/mod.ts";
import { type Observer, type OperatorCall, setObserver } from "./call.ts";
import type { Device } from "./dtype.ts";
import { handleOf, setWatcher, type Tensor, type TensorWatcher } from "./tensor.ts";

/** What a {@link MemoryTrace} counts, and whom it tells. */
export interface MemoryTraceOptions {
  /** Tensors that are there already, such as a model's variables: they and their views count nothing. */
  readonly resident?: Iterable<Tensor>;
  /** Where memory counts; default everywhere. */
  readonly device?: Device;
  /** Bytes that an operator takes for itself while it runs and that no tensor shows. Default none. */
  readonly workspace?: (call: OperatorCall) => number;
  /** Sees each operator call, and how many bytes it has taken for its results. */
  readonly onCall?: (call: OperatorCall, allocated: number) => void;
}

/** Follows the tensors made while it runs, on any device, meta too. */
export class MemoryTrace {
  readonly #options: MemoryTraceOptions;
  /** Storage of each tensor seen. */
  readonly #storageOf = new Map<Tensor, number>();
  readonly #storages = new Map<number, { bytes: number; owners: number }>();
  readonly #resident: ReadonlySet<number>;
  #live = 0;
  #peak = 0;
  #allocated = 0;

  /** Watches from now on. */
  constructor(options: MemoryTraceOptions = {}) {
    this.#options = options;
    this.#resident = new Set(
      Array.from(options.resident ?? [], (tensor) => tensorStorage(handleOf(tensor)).id),
    );
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
    const stop = this.#start();
    try {
      return fn();
    } finally {
      stop();
    }
  }

  /** As {@link run} for what takes its time; no other tensors may be made meanwhile. */
  async follow<T>(fn: () => Promise<T>): Promise<T> {
    const stop = this.#start();
    try {
      return await fn();
    } finally {
      stop();
    }
  }

  #start(): () => void {
    const { workspace, onCall } = this.#options;
    const watcher: TensorWatcher = {
      made: (tensor) => this.#made(tensor),
      freed: (tensor) => this.#freed(tensor),
    };
    const observer: Observer = (call) => {
      onCall?.(call, this.#allocated);
      this.#allocated = 0;
      this.#peak = Math.max(this.#peak, this.#live + (workspace?.(call) ?? 0));
    };
    const before = { watcher: setWatcher(watcher), observer: setObserver(observer) };
    return () => {
      setWatcher(before.watcher);
      setObserver(before.observer);
    };
  }

  #made(tensor: Tensor): void {
    const { device } = this.#options;
    if (device !== undefined && tensor.device !== device) return;
    const { id, bytes } = tensorStorage(handleOf(tensor));
    if (this.#resident.has(id)) return;
    this.#storageOf.set(tensor, id);
    const known = this.#storages.get(id);
    if (known) {
      known.owners++;
      return;
    }
    this.#storages.set(id, { bytes, owners: 1 });
    this.#allocated += bytes;
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
