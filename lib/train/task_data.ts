/**
 * A run's samples as the trainer sees them: it waits for them before a step, and tells what they
 * cost.
 * @module
 */

/** What the samples of a step took. */
export interface DataUse {
  /** Milliseconds that the step waited for them or made tensors of them. */
  readonly ms: number;
  /** How many samples, of all ranks. */
  readonly samples: number;
}

/** Where a task's samples come from. */
export interface TaskData {
  /** Resolves when the samples of `step` are there. */
  readonly ready?: (step: number) => Promise<void>;
  /** What was spent since the last call. */
  readonly take: () => DataUse;
}

/** Adds up what samples take. */
export class DataMeter {
  #ms = 0;
  #samples = 0;

  /** Runs `make`, whose time counts. */
  measure<T>(make: () => T): T {
    const started = performance.now();
    try {
      return make();
    } finally {
      this.#ms += performance.now() - started;
    }
  }

  /** Waits for `work`; the time counts. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work;
    } finally {
      this.#ms += performance.now() - started;
    }
  }

  /** Adds `samples` of a batch, of all ranks. */
  count(samples: number): void {
    this.#samples += samples;
  }

  /** What was added since the last call. */
  take(): DataUse {
    const use = { ms: this.#ms, samples: this.#samples };
    this.#ms = 0;
    this.#samples = 0;
    return use;
  }
}
