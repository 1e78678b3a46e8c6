/**
 * Conditions of all views of a scene.
 * @module
 */
import type { CameraPath } from "../../geometry/mod.ts";
import type { PaintedBody } from "../../prior/mod.ts";
import { openBackground, type Scene } from "../scene/mod.ts";
import {
  type ClipOrWindows,
  type ClipPictures,
  conditionsOf,
  encodePictures,
  type EncodePicturesOptions,
  type SceneClip,
  type WindowSize,
} from "../sampling/mod.ts";
import { disposeAll } from "../../tensor/mod.ts";
import type { Models } from "../weights/mod.ts";
import type { GridJob } from "./grid_job.ts";

/** A scene and the cameras that see it at the same time. */
export interface GridScene {
  readonly scene: Scene;
  /** Its persons in their references' looks, for a model that reads the prior. */
  readonly painted?: readonly PaintedBody[];
  /** One camera a frame for each view. */
  readonly cameras: readonly CameraPath[];
}

/** How a grid's pictures are encoded. */
export interface GridEncodingOptions {
  /** Windows of latent frames; absent: the clip is sampled whole. */
  readonly size?: WindowSize;
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Conditions of all views, view after view in the batch: 3D body tokens projected by each view's own
 * camera, and Plücker rays in the frame of view 0's first camera. A model that knows no views gets each
 * as if it were alone, with rays in the frame of its own first camera. With `size`, a clip comes in
 * windows, each a grid of its own. The caller frees them.
 */
export async function encodeGrid(
  models: Models,
  grid: GridJob,
  { scene, cameras, painted }: GridScene,
  options: GridEncodingOptions = {},
): Promise<ClipOrWindows> {
  const pictures = await encodeGridPictures(models, grid, { scene, cameras, painted }, options);
  try {
    const { width, height } = grid.job;
    const views = pictures.map((own, view) => ({ cameras: cameras[view], pictures: own }));
    return await conditionsOf(models, { ...scene, width, height }, views, options);
  } finally {
    disposeAll(pictures);
  }
}

type Film = SceneClip["background"];

/** Each view's pictures; the references are the same tensors in all. */
async function encodeGridPictures(
  models: Models,
  grid: GridJob,
  { scene, cameras, painted }: GridScene,
  { onNotice, signal }: GridEncodingOptions,
): Promise<ClipPictures[]> {
  const { width, height, vaeTiling: tiling } = grid.job;
  const { body, persons } = scene;
  const clip = { body, persons, painted, width, height };
  const encode = (path: CameraPath, own: Pick<EncodePicturesOptions, "only">, background?: Film) =>
    encodePictures(models, { ...clip, cameras: path, background }, { ...own, signal, tiling });
  const { stills } = await encode(cameras[0], { only: "references" });
  const views: ClipPictures[] = [];
  try {
    for (const [view, path] of cameras.entries()) {
      const background = await openViewBackground(grid, view, onNotice);
      views.push({ ...await encode(path, { only: "film" }, background), stills });
    }
    return views;
  } catch (error) {
    disposeAll({ stills, views });
    throw error;
  }
}

/** Opens the background that a view stands before. */
export function openViewBackground(
  { job, viewBackgrounds }: GridJob,
  view: number,
  onNotice?: (text: string) => void,
) {
  const own = viewBackgrounds.find((other) => other.view === view);
  // Views stand around the persons: what is usual behind one that stands is so behind none of them.
  const around = { ...job, camera: "orbit" };
  return openBackground(own ? { ...around, background: own.background } : around, onNotice);
}
