/**
 * The list that lies beside a grid: which view is where, and what made it.
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { bodyPath } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { type CameraPath, parseCameras } from "../../lib/geometry/mod.ts";
import { readJson } from "../../lib/io/mod.ts";
import { type GridJob, readGridRecord } from "../../lib/pipelines/grid/mod.ts";
import { loadScene, type Scene } from "../../lib/pipelines/mod.ts";

const sidecar = z.object({
  format: z.literal("isa4d-grid-views"),
  record: z.string(),
  views: z.array(z.object({ file: z.string(), cameras: z.unknown() })).min(1),
});

/** A grid on disk. */
export interface GridList {
  readonly grid: GridJob;
  readonly views: readonly {
    readonly path: string;
    /** One a frame. */
    readonly cameras: CameraPath;
  }[];
  /** Body and persons; its cameras are nobody's. */
  readonly scene: Scene;
}

/** True for the name of such a list: `out.grid.json`, `grid.json`. */
export function isGridList(path: string): boolean {
  return /(?:^|\.)grid\.json$/.test(basename(path));
}

/** Reads it, the grid's record and the scene. Throws {@linkcode InputError} for another file. */
export async function readGridList(
  path: string,
  { onNotice }: { readonly onNotice: (text: string) => void },
): Promise<GridList> {
  const parsed = sidecar.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new InputError(
      `"${path}" is not a list of a grid's views: expected the out.grid.json that isa4d grid writes`,
    );
  }
  const local = (file: string): string => resolve(dirname(path), file);
  const { grid } = await readGridRecord(local(parsed.data.record));
  const views = parsed.data.views.map(({ file, cameras }) => ({
    path: local(file),
    cameras: parseCameras(JSON.stringify(cameras), path).cameras,
  }));
  const odd = views.find(({ cameras }) => cameras.length !== grid.job.frames);
  if (odd) {
    throw new InputError(
      `"${path}" has ${odd.cameras.length} cameras of "${
        basename(odd.path)
      }", its record asks for ${grid.job.frames} frames`,
    );
  }
  const scene = await loadScene({ ...grid.job, camera: "static" }, { bodyPath, onNotice });
  return { grid, views, scene };
}
