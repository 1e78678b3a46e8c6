/**
 * Between a constant rate and the delays of containers that count time in whole units.
 * @module
 */

/**
 * How long each of `count` frames stays, in 1/`unit` s. Each frame begins at its own time rounded, so
 * that the delays sum up to the clip's length: 8 a second in 1/100 s is 13, 12, 13, 12, …
 */
export function frameDelays(count: number, { fps, unit }: { fps: number; unit: number }): number[] {
  const begin = (frame: number) => Math.round(frame * unit / fps);
  return Array.from({ length: count }, (_, frame) => begin(frame + 1) - begin(frame));
}

/**
 * The rate that such delays come from: of all rates whose rounding gives their sum a whole one, else
 * half of one, else a film's or a television's, else the mean.
 */
export function rateOfDelays(delays: readonly number[], unit: number): number {
  const sum = delays.reduce((a, b) => a + b, 0);
  if (sum === 0) return 10; // what browsers do with no delay at all
  const units = delays.length * unit;
  const mean = units / sum;
  const fits = (fps: number) => fps > 0 && Math.abs(units / fps - sum) <= 0.5 + 1e-9;
  const ntsc = [24, 30, 48, 60].map((fps) => fps * 1000 / 1001);
  const simple = [Math.round(mean), Math.floor(mean), Math.ceil(mean), Math.round(mean * 2) / 2];
  return [...simple, ...ntsc].find(fits) ?? mean;
}
