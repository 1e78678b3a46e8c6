/**
 * A grid's files, and what the list of its views says of their cameras.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { type CameraPath, parseCameras } from "../geometry/mod.ts";
import { exists, isSequencePattern, readJson } from "../io/mod.ts";
import { type GridJob, gridPaths } from "../pipelines/grid/mod.ts";
import { describeIssues } from "../pipelines/job/mod.ts";

const listSchema = z.object({
  format: z.literal("isa4d-grid-views"),
  version: z.literal(1),
  views: z.array(z.object({ cameras: z.unknown() })),
});

/** The list of a grid's views, and each view's video or folder of pictures. */
export function gridPictures(
  whole: string,
  { job: { output }, views }: GridJob,
): { readonly sidecar: string; readonly views: readonly string[] } {
  if (!isSequencePattern(output)) return gridPaths(whole, views);
  const paths = gridPaths(join(whole, basename(output)), views);
  return { ...paths, views: paths.views.map((pattern) => dirname(pattern)) };
}

/**
 * The cameras of each view from the list at `path`; undefined where there is none. Throws
 * {@linkcode InputError} for one that is broken or of another number of views.
 */
export async function gridCameras(path: string, views: number): Promise<CameraPath[] | undefined> {
  if (!await exists(path)) return undefined;
  const parsed = listSchema.safeParse(await readJson(path));
  if (!parsed.success) {
    throw new InputError(
      `cannot read "${path}" as a list of views: ${describeIssues(parsed.error)}`,
    );
  }
  const { views: listed } = parsed.data;
  if (listed.length !== views) {
    throw new InputError(
      `"${path}" lists ${listed.length} views, the grid's record has ${views}`,
    );
  }
  return listed.map(({ cameras }, view) =>
    parseCameras(JSON.stringify(cameras), `${path} (view ${view})`).cameras as CameraPath
  );
}
