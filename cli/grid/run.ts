/**
 * What `isa4d grid` does once its flags are read.
 * @module
 */
import { sidecarsOf } from "../../lib/credentials/mod.ts";
import {
  checkGridOutput,
  generateGrid,
  gridInputFiles,
  type GridJob,
  gridPaths,
  makeGridRecord,
  nerfstudioFiles,
} from "../../lib/pipelines/grid/mod.ts";
import { findWeights, resumePath } from "../../lib/pipelines/mod.ts";
import { inspectViews } from "../../lib/preview/mod.ts";
import type { Context } from "../support/context.ts";
import { drewSeed } from "../support/job_flags.ts";
import { type GridFlags, requestedGrid } from "../support/grid_flags.ts";
import { filesIn, jobOutput, jobReads, refuseState } from "../support/job_outputs.ts";
import { checkUnchanged, requireInputs } from "../support/older_record.ts";
import { checkOutputs, type OverwriteFlag } from "../support/outputs.ts";
import { makeProgress } from "../support/progress.ts";
import { requestedSeal } from "../support/seal.ts";
import { refuseWarnings, reportWarnings } from "../support/scene_warnings.ts";
import { trackVideos } from "../support/track_videos.ts";

/** All flags of `isa4d grid`. */
export interface GridCommandFlags extends GridFlags, OverwriteFlag {
  readonly printJob?: true;
  readonly resume?: true;
  readonly resumeEvery?: number;
  readonly strict?: true;
  readonly sign?: string;
  readonly nerfstudio?: string;
}

/** Makes the views of the flags' grid and tells where they are. */
export async function runGrid(flags: GridCommandFlags, context: Context): Promise<void> {
  const incomplete = flags.printJob;
  const { grid, older } = await requestedGrid(flags, context.path, { incomplete });
  if (flags.printJob) return await printGrid(grid, context);
  if (drewSeed(flags)) context.event("seed", { seeds: [grid.job.seed] }, `seed ${grid.job.seed}`);
  const replace = await checkFiles(grid, flags, context);
  if (flags.from !== undefined) await requireInputs(flags.from, { job: grid.job, grid });
  const paths = await checkGridOutput(grid);
  const seal = await requestedSeal(flags, context);
  const weights = await findWeights(grid.job.weights);
  const record = await makeGridRecord(grid, weights.all);
  if (older) {
    const same = grid.job.weights === older.grid.job.weights;
    const inputs = record.inputs.map(({ path }) => path);
    await checkUnchanged(older, { inputs, weights: same ? weights.all : [] });
  }
  await trackVideos(grid.job, context);
  const progress = makeProgress(context);
  try {
    const written = await generateGrid(grid, {
      ...{ weights, record, paths, replace, seal },
      state: resumePath(grid.job.output),
      nerfstudio: flags.nerfstudio && context.path(flags.nerfstudio),
      resume: flags.resume,
      every: flags.resumeEvery,
      onProgress: ({ stage, ...rest }) => progress.update({ label: stage, ...rest }),
      onNotice: (text) => context.warn(text),
      onScene: async (seen) => {
        const warnings = await inspectViews(grid.job, seen);
        reportWarnings(warnings, context);
        if (flags.strict) refuseWarnings(warnings);
      },
      signal: context.signal,
    });
    progress.stop();
    for (const path of written) context.event("wrote", { path }, `wrote ${path}`);
  } finally {
    progress.stop();
  }
}

/** Prints the whole grid; where no output is given there is none in it. */
async function printGrid({ job, ...grid }: GridJob, context: Context): Promise<void> {
  const output = job.output === "-" ? undefined : job.output;
  await context.print(JSON.stringify({ ...grid, job: { ...job, output } }, null, 2));
}

/** Checks, before any work, that nothing of the user's is lost; returns whether files are replaced. */
async function checkFiles(
  grid: GridJob,
  flags: GridCommandFlags,
  context: Context,
): Promise<boolean> {
  const { views, sidecar } = gridPaths(grid.job.output, grid.views);
  const mosaic = jobOutput(grid.job, flags);
  const outputs = [
    { ...mosaic, beside: [...mosaic.beside ?? [], sidecar] },
    ...views.map((path) => ({ ...mosaic, path, beside: sidecarsOf(path) })),
    ...flags.nerfstudio === undefined ? [] : filesIn(
      context.path(flags.nerfstudio),
      nerfstudioFiles({ views: views.length, frames: grid.job.frames }),
      { flag: "--nerfstudio" },
    ),
  ];
  const inputs = [
    ...await jobReads({ ...grid.job, camera: "static" }, flags, context.path),
    ...await gridInputFiles(grid),
  ];
  const replace = await checkOutputs(outputs, { ...flags, inputs }, context);
  await refuseState(grid.job.output, { resume: flags.resume, overwrite: replace });
  return replace;
}
