/**
 * How a training run goes, on a terminal: four lines that stay below everything else that is said.
 * @module
 */
import type { TrainStep } from "../../lib/train/mod.ts";
import { LossCurve } from "./loss_curve.ts";
import { TrainPace } from "./pace.ts";

/** Between two drawings; slower steps are drawn each. */
const DRAW_EVERY_MS = 500;

/** Of steps in the mean that is shown, at most. */
const RECENT = 100;

/** The terminal, as far as the dashboard needs it. */
export interface DashboardTerminal {
  /** Writes text for people to stderr. */
  readonly write: (text: string) => void;
  /** Columns now. */
  readonly columns: () => number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Draws steps, and lets other lines pass above. */
export class Dashboard {
  readonly #terminal: DashboardTerminal;
  readonly #curve = new LossCurve();
  readonly #pace = new TrainPace();
  #recent: number[] = [];
  #drawnAt = -Infinity;
  #lines: readonly string[] = [];

  constructor(terminal: DashboardTerminal) {
    this.#terminal = terminal;
  }

  /** One finished step. */
  step(report: TrainStep): void {
    this.#curve.add(report.loss);
    this.#pace.add(report);
    this.#recent = [...this.#recent, report.loss].slice(-RECENT);
    const now = this.#terminal.now();
    if (report.step < report.of && now - this.#drawnAt < DRAW_EVERY_MS) return;
    this.#drawnAt = now;
    this.#draw(this.#linesOf(report));
  }

  /** Writes what others say above the lines. */
  above(text: string): void {
    const lines = this.#lines;
    this.#erase();
    this.#terminal.write(text);
    this.#draw(lines);
  }

  /** Leaves the lines where they are; what is written from now on comes below. */
  end(): void {
    this.#lines = [];
  }

  #linesOf(report: TrainStep): string[] {
    const { step, of, learningRate, gradientNorm, skipped } = report;
    const columns = this.#terminal.columns();
    const mean = this.#recent.reduce((a, b) => a + b) / this.#recent.length;
    const share = step / of;
    const { rates, left } = this.#pace.sum(report);
    const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
    const lines = [
      `step ${step}/${of}  ${bar}  ${Math.floor(100 * share)} %  ${left}`,
      `loss ${mean.toFixed(4)}  lr ${learningRate.toExponential(1)}  gradient ${
        gradientNorm.toPrecision(3)
      }${skipped > 0 ? `  ${skipped} skipped` : ""}`,
      this.#curve.bars(columns - 1),
      rates,
    ];
    // A line that the terminal breaks in two would be erased by half.
    return lines.map((line) => [...line].slice(0, columns - 1).join(""));
  }

  #draw(lines: readonly string[]): void {
    this.#erase();
    this.#terminal.write(lines.map((line) => line + "\n").join(""));
    this.#lines = lines;
  }

  #erase(): void {
    const { length } = this.#lines;
    this.#lines = [];
    // Up to the first of the lines, then all below is cleared.
    if (length > 0) this.#terminal.write(`\x1b[${length}A\x1b[0J`);
  }
}

/** Columns of the bar that shows how much is done. */
const BAR = 30;
