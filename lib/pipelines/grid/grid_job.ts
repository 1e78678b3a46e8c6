/**
 * A grid of views and instants as one record: a job, and what its views are.
 * @module
 */
import { z } from "zod";
import { ConfigError, InputError } from "../../errors.ts";
import { exists, isSequencePattern, sequencePath } from "../../io/mod.ts";
import { describeIssues, inputFiles, isFile, mapJobPaths, storedJobSchema } from "../job/mod.ts";

const path = z.string().min(1);
const view = z.int().min(0);

/** The record of a grid. */
export const gridSchema = z.strictObject({
  job: storedJobSchema.describe("as of `isa4d generate`; its camera is not used"),
  views: z.int().min(1).max(64).default(4),
  viewCameras: z.array(path).min(1).default(["orbit:deg=360"]).describe(
    "one path: the views stand along it; one file: its cameras are the views; else one a view",
  ),
  viewBackgrounds: z.array(z.strictObject({ view, background: path })).default([])
    .describe("backgrounds of single views, instead of the job's"),
  givenViews: z.array(z.strictObject({ view, video: path })).default([])
    .describe("videos of single views, which come back as they are"),
  givenTime: z.strictObject({ frame: z.literal(0), video: path }).optional()
    .describe("the views of one instant as a video of a camera that passes them"),
});

/** A checked grid. */
export type GridJob = z.infer<typeof gridSchema>;

/** A grid before its defaults are filled in. */
export type GridJobInput = z.input<typeof gridSchema>;

/** Checks a grid and fills its defaults; throws {@linkcode ConfigError} that says what does not fit. */
export function parseGridJob(value: unknown): GridJob {
  const parsed = gridSchema.safeParse(value);
  if (!parsed.success) throw new ConfigError(`grid: ${describeIssues(parsed.error)}`);
  const { views, viewCameras, viewBackgrounds, givenViews } = parsed.data;
  if (viewCameras.length > 1 && viewCameras.length !== views) {
    throw new ConfigError(
      `${viewCameras.length} view cameras for ${views} views; give one for each, or one for all to stand along`,
    );
  }
  for (const [name, list] of Object.entries({ viewBackgrounds, givenViews })) {
    const numbers = list.map(({ view }) => view);
    const wrong = numbers.find((view) => view >= views);
    if (wrong !== undefined) {
      throw new ConfigError(`grid: there is no view ${wrong}, expected 0 to ${views - 1}`);
    }
    if (new Set(numbers).size < numbers.length) {
      throw new ConfigError(`grid: ${name} names a view twice`);
    }
  }
  return parsed.data;
}

/** Applies `resolve` to every path of a grid that may be a file. */
export function mapGridPaths(grid: GridJob, resolve: (path: string) => string): GridJob {
  const { viewCameras, viewBackgrounds, givenViews, givenTime } = grid;
  return {
    ...grid,
    job: mapJobPaths(grid.job, resolve),
    viewCameras: viewCameras.map((text) => isFile.camera(text) ? resolve(text) : text),
    viewBackgrounds: viewBackgrounds.map(({ view, background }) => ({
      view,
      background: isFile.background(background) ? resolve(background) : background,
    })),
    givenViews: givenViews.map(({ view, video }) => ({ view, video: resolve(video) })),
    ...(givenTime ? { givenTime: { ...givenTime, video: resolve(givenTime.video) } } : {}),
  };
}

/** Every file that a grid reads, besides weights; each once. */
export async function gridInputFiles(grid: GridJob): Promise<string[]> {
  const given = [...grid.givenViews, ...grid.givenTime ? [grid.givenTime] : []];
  const files = [
    ...inputFiles({ ...grid.job, camera: "static" }),
    ...grid.viewCameras.filter(isFile.camera),
    ...grid.viewBackgrounds.map(({ background }) => background).filter(isFile.background),
  ];
  for (const { video } of given) files.push(...await filesOfClip(video));
  return [...new Set(files)];
}

/** The file of a video, or the files of numbered pictures from 1 on. */
export async function filesOfClip(video: string): Promise<string[]> {
  if (!isSequencePattern(video)) return [video];
  const files: string[] = [];
  for (;;) {
    const file = sequencePath(video, files.length + 1);
    if (!await exists(file)) break;
    files.push(file);
  }
  if (files.length > 0) return files;
  throw new InputError(`there is no "${sequencePath(video, 1)}", the first picture of "${video}"`);
}
