/**
 * Whether a job's numbers are those that the model works in.
 * @module
 */
import type { Job } from "../job/mod.ts";
import type { PreviewWarning } from "./warnings.ts";

/** The model's numbers that sizes must fit. */
export interface ModelGrid {
  /** Pixels that width and height must be multiples of. */
  readonly side: number;
  /** Frames of a latent after the first. */
  readonly frames: number;
}

/** Findings about width, height and frames. */
export function checkSizes(
  { width, height, frames }: Pick<Job, "width" | "height" | "frames">,
  grid: ModelGrid,
): PreviewWarning[] {
  const warnings: PreviewWarning[] = [];
  for (const [name, size] of [["width", width], ["height", height]] as const) {
    if (size % grid.side === 0) continue;
    const below = Math.floor(size / grid.side) * grid.side;
    const [first, second] = below === 0 ? [grid.side] : [below, below + grid.side];
    warnings.push({
      kind: "size",
      value: size,
      limit: grid.side,
      message: `${name} ${size} does not divide by ${grid.side}, this model refuses it: ${first}${
        second ? ` or ${second}` : ""
      } would do`,
    });
  }
  const over = (frames - 1) % grid.frames;
  if (over !== 0) {
    const [less, more] = [frames - over, frames - over + grid.frames];
    warnings.push({
      kind: "frames",
      value: frames,
      limit: grid.frames,
      message:
        `${frames} frames are made as ${more} and cut, since the model works in ${grid.frames}n + 1: ${less} or ${more} use all of the work`,
    });
  }
  return warnings;
}
