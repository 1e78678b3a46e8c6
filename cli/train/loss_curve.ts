/**
 * A run's loss as a row of bars, however many steps it has.
 * @module
 */

const BARS = "▁▂▃▄▅▆▇█";

/** Keeps means of equally many steps each, as few as fit a terminal's line. */
export class LossCurve {
  readonly #most: number;
  /** Sums and counts, oldest first; all but the last are full. */
  #parts: { sum: number; steps: number }[] = [];
  #stepsAPart = 1;

  /** Keeps at most `most` means, an even number. */
  constructor(most: number = 240) {
    this.#most = most;
  }

  /** The loss of one more step; what is not finite is left out. */
  add(loss: number): void {
    if (!Number.isFinite(loss)) return;
    const last = this.#parts.at(-1);
    if (last && last.steps < this.#stepsAPart) {
      last.sum += loss;
      last.steps++;
      return;
    }
    if (this.#parts.length === this.#most) this.#halve();
    this.#parts.push({ sum: loss, steps: 1 });
  }

  /** The whole run in at most `width` bars, from the lowest mean to the highest, in logarithms. */
  bars(width: number): string {
    const each = Math.max(1, Math.ceil(this.#parts.length / width));
    const means = Array.from({ length: Math.ceil(this.#parts.length / each) }, (_, i) => {
      const parts = this.#parts.slice(i * each, (i + 1) * each);
      const total = (of: "sum" | "steps") => parts.reduce((all, part) => all + part[of], 0);
      return total("sum") / total("steps");
    });
    // Losses fall fast and then slowly; those of a sign that a logarithm lacks stay as they are.
    const heights = means.every((mean) => mean > 0) ? means.map(Math.log) : means;
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    return heights.map((height) => {
      const share = high > low ? (height - low) / (high - low) : 0;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    }).join("");
  }

  #halve(): void {
    this.#stepsAPart *= 2;
    this.#parts = Array.from({ length: this.#most / 2 }, (_, i) => {
      const [a, b] = this.#parts.slice(2 * i, 2 * i + 2);
      return { sum: a.sum + b.sum, steps: a.steps + b.steps };
    });
  }
}
