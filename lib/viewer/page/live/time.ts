/**
 * Times as people read them.
 * @module
 */
import type { LiveProgress } from "../../live_data.ts";

/** Milliseconds until all steps are done, `age` milliseconds after a step was. */
export function countdown({ step, of, stepMs }: LiveProgress, age: number): number {
  return Math.max(0, (of - step) * stepMs - age);
}

/** Milliseconds as `8 s`, `3 min` or `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
