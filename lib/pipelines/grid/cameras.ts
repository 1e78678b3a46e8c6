/**
 * The cameras of a grid's views.
 * @module
 */
import { readCameras } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import {
  type Camera,
  type CameraPath,
  coverCamera,
  parseCameraPath,
  type SubjectBounds,
} from "../../geometry/mod.ts";
import { isFile } from "../job/mod.ts";
import { camerasOf, layAround, type Scene } from "../scene/mod.ts";
import type { GridJob } from "./grid_job.ts";

/** How cameras of a scene are laid. */
export interface ViewCameraOptions {
  readonly scene: Scene;
  readonly onNotice?: (text: string) => void;
}

/**
 * One camera a frame for each view. A single path such as `orbit:deg=360` is the way along which the
 * views stand, evenly and still (but going along with the persons, as `follow` says); a single file is
 * a rig whose cameras are the views; several are one a view, each as `--camera` of a job.
 *
 * Throws {@linkcode InputError} for a file or path that does not fit.
 */
export async function viewCameras(
  { job, views, viewCameras: given }: GridJob,
  { scene, onNotice }: ViewCameraOptions,
): Promise<CameraPath[]> {
  const around = { ...scene, onNotice };
  const { frames, width, height } = job;
  if (given.length > 1 || views === 1) {
    const paths: CameraPath[] = [];
    for (const camera of given) paths.push(await camerasOf({ ...job, camera }, around));
    return paths;
  }
  const [one] = given;
  if (isFile.camera(one)) {
    const rig = await readRig(one, views, { width, height });
    return rig.map((camera) => Array.from({ length: frames }, () => camera));
  }
  const size = { width, height };
  return Array.from({ length: views }, (_, view) =>
    layAround(job, around, (subject) => {
      const camera = stations(one, views, { ...size, subject })[view];
      return Array.from({ length: frames }, () => camera);
    }));
}

/** The views of a rig: still cameras in one file. */
async function readRig(
  file: string,
  views: number,
  size: { readonly width: number; readonly height: number },
): Promise<Camera[]> {
  const { cameras, relative } = await readCameras(file, { size });
  if (relative) {
    throw new InputError(
      `cannot use "${file}" for views: it does not say where its cameras stand`,
    );
  }
  if (cameras.length !== views) {
    throw new InputError(
      `"${file}" has ${cameras.length} cameras for ${views} views; give --views ${cameras.length}, or one file a view`,
    );
  }
  return cameras.map((camera) => coverCamera(camera, size));
}

/** Still cameras evenly along a path, at both its ends; around a whole turn the end is the start. */
export function stations(
  path: string,
  views: number,
  options: { readonly width: number; readonly height: number; readonly subject: SubjectBounds },
): CameraPath {
  const open = parseCameraPath(path, { ...options, frames: views });
  if (!samePlace(open[0], open[views - 1])) return open;
  const closed = parseCameraPath(path, { ...options, frames: views + 1 }).slice(0, views);
  if (!samePlace(closed[0], closed[1])) return closed;
  throw new InputError(
    `"${path}" does not move, so all ${views} views would be one; give a path such as orbit:deg=360`,
  );
}

function samePlace(a: Camera, b: Camera): boolean {
  const close = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x).every((value, i) => Math.abs(value - y[i]) < 1e-6);
  return close(a.rotation, b.rotation) && close(a.translation, b.translation);
}
