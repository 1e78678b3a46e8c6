import type { TrainSettings } from "./settings.ts";

/** Why a step was skipped. */
export type SkipReason = "not finite" | "spike";

/** Losses before spikes are looked for. */
const LEAST_LOSSES = 32;

/** Turns a median absolute deviation into a normal distribution's standard deviation. */
const MAD_TO_DEVIATION = 1.4826;

/** Finds steps that would do harm: no finite loss, or one far above the last ones. */
export class LossGuard {
  readonly #settings: TrainSettings;
  #losses: number[] = [];
  #skipped = 0;
  #inRow = 0;

  constructor(settings: TrainSettings) {
    this.#settings = settings;
  }

  /** Skipped steps so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Skipped steps since the last good one. */
  get inRow(): number {
    return this.#inRow;
  }

  /** Judges a step by its loss and gradient norms, and remembers it. */
  judge(loss: number, norms: readonly number[]): SkipReason | undefined {
    const reason = [loss, ...norms].every(Number.isFinite)
      ? loss > this.#limit() ? "spike" : undefined
      : "not finite";
    if (reason) {
      this.#skipped++;
      this.#inRow++;
    } else {
      this.#inRow = 0;
      this.#losses.push(loss);
      if (this.#losses.length > this.#settings.spikeWindow) this.#losses.shift();
    }
    return reason;
  }

  /** Median and spread are robust: one spike that got through does not hide the next. */
  #limit(): number {
    const { spikeFactor } = this.#settings;
    if (spikeFactor === 0 || this.#losses.length < LEAST_LOSSES) return Infinity;
    const middle = median(this.#losses);
    const spread = MAD_TO_DEVIATION * median(this.#losses.map((loss) => Math.abs(loss - middle)));
    return middle + spikeFactor * Math.max(spread, 1e-3 * Math.abs(middle));
  }

  /** What a checkpoint keeps of it. */
  state(): string {
    return JSON.stringify({ losses: this.#losses, skipped: this.#skipped, inRow: this.#inRow });
  }

  /** Goes back to what {@linkcode LossGuard.state} gave; older checkpoints have none. */
  restore(state: string | undefined): void {
    if (state === undefined) return;
    const { losses, skipped, inRow } = JSON.parse(state);
    [this.#losses, this.#skipped, this.#inRow] = [losses, skipped, inRow];
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
