/**
 * Results of isa4d on disk: the videos, and the record of what made them.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import type { CameraPath } from "../geometry/mod.ts";
import { exists, isSequencePattern, sequencePath, videoContainer } from "../io/mod.ts";
import { type GridJob, readGridRecord } from "../pipelines/grid/mod.ts";
import type { Job } from "../pipelines/job/mod.ts";
import { type GenerationRecord, readRecord } from "../pipelines/mod.ts";
import { gridCameras, gridPictures } from "./grid_result.ts";

/** Pictures of a result: a video file, or numbered PNG files in a row. */
export type Pictures =
  | { readonly kind: "video"; readonly path: string }
  | { readonly kind: "pictures"; readonly paths: readonly string[] };

/** A result that has been found. */
export interface Result {
  /** The name that the page shows. */
  readonly name: string;
  /** The video, or the folder of pictures: what other files lie beside. */
  readonly path: string;
  readonly job: Job;
  /** What a grid has besides its job. */
  readonly grid?: GridJob;
  /** Hashes and versions. */
  readonly origin: Pick<GenerationRecord, "inputs" | "weights" | "versions">;
  /** At least one. */
  readonly views: readonly ResultView[];
}

/** One video of a result. */
export interface ResultView {
  readonly name: string;
  readonly pictures: Pictures;
  /** Its cameras, where the result says them. */
  readonly cameras?: CameraPath;
}

/** A record, of one video or of a grid of them. */
type AnyRecord = Result["origin"] & { readonly job: Job; readonly grid?: GridJob };

/**
 * Finds the result that `path` names: a video, its record (`out.mp4.json`), the list of a grid's views
 * (`out.grid.json`), a folder of numbered pictures or their pattern, or one picture. A grid's view stands for the whole grid.
 *
 * Throws {@linkcode InputError} for what isa4d did not make and for missing files.
 */
export async function findResult(path: string): Promise<Result> {
  if (isSequencePattern(path)) return await findResult(dirname(path));
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found) throw new InputError(`there is no "${path}"`);
  if (found.isDirectory) return await resultAt(path, path);
  if (["metadata.json", "grid.json"].includes(basename(path))) {
    return await resultAt(dirname(path), dirname(path));
  }
  if (path.endsWith(".grid.json")) return await resultAt(await mosaicBeside(path), path);
  if (path.endsWith(".json")) return await resultAt(path.replace(/\.json$/, ""), path);
  if (!videoContainer(path) && !await isSinglePicture(path)) {
    throw new InputError(
      `cannot view "${path}": expected a video or picture of isa4d, its .json record, or a folder of its pictures`,
    );
  }
  return await resultAt(path, path);
}

/** Whether a path is a folder that is no result itself, but may hold some. */
export async function isGalleryFolder(path: string): Promise<boolean> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found?.isDirectory) return false;
  return !await exists(join(path, "metadata.json"));
}

/** A picture of a job of one frame has its record beside it; any other picture has none. */
async function isSinglePicture(path: string): Promise<boolean> {
  return path.endsWith(".png") && await exists(`${path}.json`);
}

/** The result at `path`, a video or a folder of pictures; `asked` is what messages name. */
export async function resultAt(
  path: string,
  asked: string = path,
  options: RecordOptions = {},
): Promise<Result> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found) throw new InputError(`"${asked}" is a record, but its video "${path}" is not there`);
  const { job, grid, ...origin } = await anyRecord(path, found.isDirectory, options);
  const whole = grid ? path.replace(/-view-\d+(?=\.[^./\\]*$)/, "") : path;
  const common = { name: basename(whole), path: whole, job, grid, origin };
  if (!grid) {
    const pictures = await picturesAt(path, job);
    return { ...common, views: [{ name: "Video", pictures }] };
  }
  const files = gridPictures(whole, grid);
  const cameras = await gridCameras(files.sidecar, grid.views);
  const given = new Set(grid.givenViews.map(({ view }) => view));
  const views: ResultView[] = [];
  for (const [view, file] of files.views.entries()) {
    const name = `View ${view}${given.has(view) ? ", given" : ""}`;
    views.push({ name, pictures: await picturesAt(file, job), cameras: cameras?.[view] });
  }
  return { ...common, views };
}

/** How a record is looked for. */
export interface RecordOptions {
  /** First beside the video, where reading takes no other program; else first in it. */
  readonly besideFirst?: boolean;
}

/** The record inside a result; where a tool has taken it out of a video, the one beside it. */
async function anyRecord(
  path: string,
  isFolder: boolean,
  { besideFirst = false }: RecordOptions,
): Promise<AnyRecord> {
  if (isFolder && !await exists(join(path, "metadata.json"))) {
    throw new InputError(
      `cannot view "${path}": a folder of pictures that isa4d made has a metadata.json`,
    );
  }
  const beside = `${path}.json`;
  if (besideFirst && !isFolder && await exists(beside)) return await recordIn(beside);
  try {
    return await recordIn(path);
  } catch (error) {
    if (!(error instanceof InputError) || isFolder || !await exists(beside)) throw error;
    return await recordIn(beside);
  }
}

async function recordIn(path: string): Promise<AnyRecord> {
  try {
    return await readRecord(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const grid = await readGridRecord(path).catch(() => undefined);
    // Whatever is wrong with it, most results are no grids.
    if (!grid) throw error;
    const { grid: { job }, ...rest } = grid;
    return { ...rest, job, grid: grid.grid };
  }
}

/** The video at `path`, or the numbered pictures in it. Throws where one is missing. */
async function picturesAt(path: string, { output, frames }: Job): Promise<Pictures> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found) throw new InputError(`"${path}", a part of this result, is not there`);
  if (found.isFile && path.endsWith(".png")) return { kind: "pictures", paths: [path] };
  if (found.isFile) return { kind: "video", path };
  const pattern = isSequencePattern(output) ? basename(output) : "%04d.png";
  const paths = Array.from(
    { length: frames },
    (_, i) => join(path, sequencePath(pattern, i + 1)),
  );
  for (const picture of paths) {
    if (await Deno.stat(picture).then(({ isFile }) => isFile, () => false)) continue;
    throw new InputError(
      `the record of "${path}" lists ${frames} frames, but "${picture}" is not there`,
    );
  }
  return { kind: "pictures", paths };
}

/** `out.grid.json` lies beside `out.mp4`, or a video of another ending. */
async function mosaicBeside(sidecar: string): Promise<string> {
  const stem = sidecar.replace(/\.grid\.json$/, "");
  for (const ending of ["mp4", "webm", "gif", "webp"]) {
    if (await exists(`${stem}.${ending}`)) {
      return `${stem}.${ending}`;
    }
  }
  throw new InputError(`"${sidecar}" lists views, but its mosaic "${stem}.mp4" is not there`);
}
