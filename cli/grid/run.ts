/**
 * What `isa4d grid` does once its flags are read.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { type JobInput, parseJob } from "../../lib/pipelines/job/mod.ts";
import {
  checkGridOutput,
  generateGrid,
  type GridJob,
  type GridRecord,
  makeGridRecord,
  mapGridPaths,
  parseGridJob,
  readGridRecord,
} from "../../lib/pipelines/grid/mod.ts";
import { checkRecord, findWeights, readJobFile, resumePath } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { checkComplete, type JobFlags, layFlags } from "../support/job_flags.ts";
import { makeProgress } from "../support/progress.ts";

/** A value for one view or instant. */
type Numbered = readonly [number: number, text: string];

/** All flags of `isa4d grid`. */
export interface GridFlags extends JobFlags {
  readonly views?: number;
  readonly viewCameras?: string[];
  readonly viewBackground?: Numbered[];
  readonly givenView?: Numbered[];
  readonly givenTime?: Numbered;
  readonly printJob?: true;
  readonly resume?: true;
  readonly resumeEvery?: number;
}

/** Makes the views of the flags' grid and tells where they are. */
export async function runGrid(flags: GridFlags, context: Context): Promise<void> {
  const { grid, older } = await requestedGrid(flags, context.path);
  if (flags.printJob) return await context.print(JSON.stringify(grid, null, 2));
  const paths = await checkGridOutput(grid);
  const weights = await findWeights(grid.job.weights);
  const record = await makeGridRecord(grid, weights.all);
  if (older) {
    const current = new Set([...record.inputs, ...record.weights].map(({ path }) => path));
    await checkRecord(older, (path) => current.has(path));
  }
  const progress = makeProgress(context);
  try {
    const written = await generateGrid(grid, {
      ...{ weights, record, paths },
      state: resumePath(grid.job.output),
      resume: flags.resume,
      every: flags.resumeEvery,
      onProgress: ({ stage, ...rest }) => progress.update({ label: stage, ...rest }),
      onNotice: (text) => context.warn(text),
      signal: context.signal,
    });
    progress.stop();
    for (const path of written) context.event("wrote", { path }, `wrote ${path}`);
  } finally {
    progress.stop();
  }
}

/** Lays the flags over the grid of `--from` or the job of `--job`. */
async function requestedGrid(
  flags: GridFlags,
  resolve: (path: string) => string,
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
  const merged = layFlags(base, flags);
  checkComplete(merged);
  const job = parseJob(merged, `"${flags.job ?? flags.from ?? "job"}"`);
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
