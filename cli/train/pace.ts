/**
 * How fast a training run goes: samples a second, the loader's share, memory, the time left.
 * @module
 */
import type { TrainStep } from "../../lib/train/mod.ts";

/** What a run's pace is at a step. */
export interface Pace {
  /** Of the steps since the last sum. */
  readonly samplesPerSecond: number;
  /** Share of those steps' time, 0..1, that went to their samples. */
  readonly loaderShare: number;
  /** Until the last step, at this process's mean speed, with checkpoints and validations. */
  readonly secondsLeft: number;
  /** Speed and memory for people. */
  readonly rates: string;
  /** The time left for people. */
  readonly left: string;
}

/** Adds up steps. */
export class TrainPace {
  #started: number | undefined;
  #steps = 0;
  #since = { steps: 0, ms: 0, loaderMs: 0, samples: 0 };

  /** One finished step. */
  add({ ms, loaderMs, samples }: TrainStep): void {
    this.#started ??= performance.now() - ms;
    this.#steps++;
    const since = this.#since;
    since.steps++;
    since.ms += ms;
    since.loaderMs += loaderMs;
    since.samples += samples;
  }

  /** The pace since the last call; `last` is the last step. */
  sum({ step, of, memory, peakMemory }: TrainStep): Pace {
    const { steps, ms, loaderMs, samples } = this.#since;
    this.#since = { steps: 0, ms: 0, loaderMs: 0, samples: 0 };
    const samplesPerSecond = samples / (ms / 1000);
    const loaderShare = loaderMs / ms;
    const seconds = (performance.now() - (this.#started ?? 0)) / 1000;
    const secondsLeft = (of - step) * seconds / this.#steps;
    const rates = [
      `${(ms / steps).toFixed(0)} ms a step`,
      ...samples > 0 ? [`${samplesPerSecond.toPrecision(3)} samples/s`] : [],
      `loader ${(100 * loaderShare).toFixed(1)} %`,
      `${bytes(memory)} (peak ${bytes(peakMemory)})`,
    ].join("  ");
    const left = `${duration(secondsLeft)} left`;
    return { samplesPerSecond, loaderShare, secondsLeft, rates, left };
  }
}

function bytes(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toFixed(0)} MB` : `${(count / 1e9).toFixed(2)} GB`;
}

/** For people: `40 s`, `12 min`, `5 h 07 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
