/**
 * Where a grid goes: a video a view, all of them in one mosaic, and a list of what is where.
 * @module
 */
import { join } from "node:path";
import { ConfigError } from "../../errors.ts";
import { type CameraPath, formatCameras } from "../../geometry/mod.ts";
import {
  type Finish,
  type FrameStream,
  isSequencePattern,
  type Origin,
  type SpooledClip,
  videoContainer,
  videoEndings,
  writeJson,
  writePngSequence,
  writeVideo,
} from "../../io/mod.ts";
import {
  checkOutput,
  encodingOf,
  originOf,
  recordPath,
  type Seal,
  sealing,
  settleSidecars,
} from "../record/mod.ts";
import { type GridRecord, portableGrid } from "./grid_record.ts";
import type { GridJob } from "./grid_job.ts";
import { writeNerfstudio } from "./nerfstudio.ts";

/** Files of a grid. */
export interface GridPaths {
  /** All views side by side. */
  readonly mosaic: string;
  /** One a view. */
  readonly views: readonly string[];
  /** What the grid was made from. */
  readonly record: string;
  /** Which view is where, with its cameras. */
  readonly sidecar: string;
}

/**
 * `out.mp4`: the mosaic, with `out-view-0.mp4` …, `out.mp4.json` and `out.grid.json` beside it.
 * `folder/%04d.png`: the mosaic, with `folder/view-0/%04d.png` …, `metadata.json` and `grid.json`.
 *
 * @throws ConfigError for other names
 */
export function gridPaths(output: string, views: number): GridPaths {
  const each = (name: (view: number) => string) => Array.from({ length: views }, (_, v) => name(v));
  const common = { mosaic: output, record: recordPath(output) };
  if (isSequencePattern(output) && output.endsWith(".png")) {
    const [, folder, file] = /^(.*?)([^/\\]*)$/s.exec(output)!;
    return {
      ...common,
      views: each((view) => join(folder, `view-${view}`, file)),
      sidecar: join(folder, "grid.json"),
    };
  }
  const [, stem, ending] = /^(.*?)(\.[^./\\]*)?$/s.exec(output)!;
  if (output === "-" || !videoContainer(output)) {
    throw new ConfigError(
      `cannot write a grid to "${output}": expected a name ending in ${videoEndings}, or numbered pictures such as folder/%04d.png`,
    );
  }
  return {
    ...common,
    views: each((view) => `${stem}-view-${view}${ending ?? ""}`),
    sidecar: `${stem}.grid.json`,
  };
}

/** Finds out before hours of work whether all files can be written. */
export async function checkGridOutput({ job, views }: GridJob): Promise<GridPaths> {
  const paths = gridPaths(job.output, views);
  const { columns, rows } = mosaicShape(views);
  const mosaic = { ...job, width: columns * job.width, height: rows * job.height };
  await checkOutput(paths.mosaic, mosaic);
  for (const path of paths.views) await checkOutput(path, job);
  return paths;
}

/** Views in rows as near to a square as they fill. */
export function mosaicShape(views: number): { readonly columns: number; readonly rows: number } {
  const columns = Math.ceil(Math.sqrt(views));
  return { columns, rows: Math.ceil(views / columns) };
}

/** What is written. */
export interface GridContent {
  /** One a view. */
  readonly clips: readonly SpooledClip[];
  readonly cameras: readonly CameraPath[];
  readonly record: GridRecord;
  /** Removes pictures of older, longer sequences. */
  readonly replace?: boolean;
  /** Signs the mosaic and the views that were made. */
  readonly seal?: Seal;
  /** A folder that gets the views as a data set of nerfstudio too. */
  readonly nerfstudio?: string;
}

/** Writes everything; returns the paths. */
export async function writeGrid(paths: GridPaths, content: GridContent): Promise<string[]> {
  const { clips, cameras, record, seal, nerfstudio } = content;
  const { job, givenViews, givenTime } = record.grid;
  const origin = await originOf({ ...record, job });
  const mixed: Origin = { ...origin, sourceType: "compositeWithTrainedAlgorithmicMedia" };
  const marked = (own: Origin) => ({ origin: own, finish: seal && sealing(job, own, seal) });
  const given = new Set(givenViews.map(({ view }) => view));
  const written: string[] = [];
  for (const [view, path] of paths.views.entries()) {
    // A view that was given stays as it was made by others.
    const marks = given.has(view) ? {} : marked(givenTime ? mixed : origin);
    written.push(...await write(path, clips[view].stream(), { ...content, ...marks }));
  }
  const all = marked(given.size > 0 || givenTime ? mixed : origin);
  const mosaic = await write(paths.mosaic, mosaicStream(clips), { ...content, ...all });
  await writeJson(paths.record, portableGrid(record, paths.record));
  await writeJson(paths.sidecar, sidecar(paths, content));
  if (nerfstudio !== undefined) {
    const own = givenTime ? mixed : origin;
    const origins = clips.map((_, view) => given.has(view) ? undefined : own);
    written.push(...await writeNerfstudio(nerfstudio, { clips, cameras, origins }));
  }
  return [...mosaic, ...written, paths.record, paths.sidecar];
}

async function write(
  path: string,
  frames: FrameStream,
  { record, replace, ...marks }: Pick<GridContent, "record" | "replace"> & {
    readonly origin?: Origin;
    readonly finish?: Finish;
  },
): Promise<string[]> {
  if (isSequencePattern(path)) await writePngSequence(path, frames, { replace, ...marks });
  else {
    const metadata = JSON.stringify(portableGrid(record, path));
    const { origin, finish } = marks;
    await writeVideo(path, frames, { metadata, origin, finish, ...encodingOf(record.grid.job) });
  }
  return [path, ...await settleSidecars(path, { signed: marks.finish !== undefined })];
}

/** All views side by side; what no view fills is black. */
function mosaicStream(clips: readonly SpooledClip[]): FrameStream {
  const { columns, rows } = mosaicShape(clips.length);
  const [{ width, height, fps, frames }] = clips;
  const compose = async function* () {
    for (let frame = 0; frame < frames; frame++) {
      const out = new Uint8Array(columns * rows * width * height * 3);
      for (const [view, clip] of clips.entries()) {
        const picture = await clip.frame(frame);
        const [column, row] = [view % columns, Math.floor(view / columns)];
        for (let y = 0; y < height; y++) {
          const at = ((row * height + y) * columns + column) * width * 3;
          out.set(picture.subarray(y * width * 3, (y + 1) * width * 3), at);
        }
      }
      yield out;
    }
  };
  return { width: columns * width, height: rows * height, fps, frames: compose() };
}

/** Which view is where: file names lie beside the sidecar; cameras as `isa4d-cameras` files have them. */
function sidecar(paths: GridPaths, { cameras, record }: GridContent) {
  const { job, givenViews, givenTime } = record.grid;
  const { width, height, fps, frames } = job;
  const folder = paths.sidecar.replace(/[^/\\]*$/, "");
  const local = (path: string) => path.startsWith(folder) ? path.slice(folder.length) : path;
  const given = new Set(givenViews.map(({ view }) => view));
  return {
    format: "isa4d-grid-views",
    version: 1,
    ...{ width, height, fps, frames },
    record: local(paths.record),
    mosaic: { file: local(paths.mosaic), ...mosaicShape(cameras.length) },
    ...(givenTime ? { givenTime: 0 } : {}),
    views: cameras.map((path, view) => ({
      view,
      file: local(paths.views[view]),
      given: given.has(view),
      cameras: JSON.parse(formatCameras(path, { fps })),
    })),
  };
}
