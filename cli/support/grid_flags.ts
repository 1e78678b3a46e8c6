/**
 * From flags, a job file or an older grid to one grid.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import {
  type GridJob,
  type GridRecord,
  mapGridPaths,
  parseGridJob,
  readGridRecord,
} from "../../lib/pipelines/grid/mod.ts";
import type { JobInput } from "../../lib/pipelines/job/mod.ts";
import { readJobFile } from "../../lib/pipelines/mod.ts";
import { checkComplete, checkedJob, type JobFlags, layFlags } from "./job_flags.ts";

/** A value for one view or instant. */
type Numbered = readonly [number: number, text: string];

/** The flags that fill a grid, as commander hands them over. */
export interface GridFlags extends JobFlags {
  readonly views?: number;
  readonly viewCameras?: string[];
  readonly viewBackground?: Numbered[];
  readonly givenView?: Numbered[];
  readonly givenTime?: Numbered;
}

/** Lays the flags over the grid of `--from` or the job of `--job`. */
export async function requestedGrid(
  flags: GridFlags,
  resolve: (path: string) => string,
  { incomplete }: { readonly incomplete?: boolean } = {},
): Promise<{ readonly grid: GridJob; readonly older?: GridRecord }> {
  if (flags.from !== undefined && flags.job !== undefined) {
    throw new UsageError("--from and --job both bring a job; give one of them");
  }
  if (flags.camera !== undefined) {
    throw new UsageError("a grid's cameras are --view-cameras: leave --camera out");
  }
  const older = flags.from === undefined ? undefined : await readGridRecord(resolve(flags.from));
  const base: Partial<JobInput> = flags.job === undefined
    ? older?.grid.job ?? {}
    : await readJobFile(resolve(flags.job));
  const merged = layFlags(
    { weights: "small", ...(incomplete ? { output: "-" } : {}), ...base },
    flags,
  );
  checkComplete(merged);
  const job = checkedJob(merged, flags);
  const grid = parseGridJob({ ...older?.grid, ...gridFields(flags), job });
  return { grid: mapGridPaths(grid, resolve), older };
}

/** The fields of a grid that the flags fill. */
function gridFields(flags: GridFlags): Partial<Omit<GridJob, "job">> {
  const { viewCameras, viewBackground, givenView, givenTime } = flags;
  const views = flags.views ??
    (viewCameras && viewCameras.length > 1 ? viewCameras.length : undefined);
  if (givenTime && givenTime[0] !== 0) {
    throw new UsageError(
      `--given-time ${
        givenTime[0]
      }: only frame 0 has a latent of its own, a later one is a quarter of a latent; give 0=video`,
    );
  }
  return {
    ...(views === undefined ? {} : { views }),
    ...(viewCameras ? { viewCameras } : {}),
    ...(viewBackground
      ? { viewBackgrounds: viewBackground.map(([view, background]) => ({ view, background })) }
      : {}),
    ...(givenView ? { givenViews: givenView.map(([view, video]) => ({ view, video })) } : {}),
    ...(givenTime ? { givenTime: { frame: 0 as const, video: givenTime[1] } } : {}),
  };
}
