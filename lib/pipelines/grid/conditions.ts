/**
 * What ISA-DiT is told about all views of a scene, and the latents that are given.
 * @module
 */
import { type LatentWindow, latentWindows } from "../../diffusion/mod.ts";
import {
  bodyConditions,
  type CameraPath,
  latentPoses,
  pluckerImages,
  referencePositions,
  surfaceSamples,
} from "../../geometry/mod.ts";
import type { FrameStream } from "../../io/mod.ts";
import type { IsaDitConditions } from "../../models/isa_dit/mod.ts";
import { cat, narrow, noGrad, ones, scope, Tensor, zeros } from "../../tensor/mod.ts";
import { openBackground } from "../background.ts";
import {
  type ClipInputs,
  type ClipPictures,
  encodePictures,
  type EncodePicturesOptions,
  joinConditions,
  tracksOf,
} from "../conditions.ts";
import { disposeAll } from "../dispose.ts";
import { fillCamera, filledSize, fillFrames } from "../filling.ts";
import { encodeClip } from "../reconstruct.ts";
import type { Scene } from "../scene.ts";
import type { Models } from "../weights.ts";
import { WindowedConditions, type WindowSize } from "../windowed_conditions.ts";
import type { GivenPictures } from "./given.ts";
import type { GridJob } from "./schema.ts";

// V views, C latent channels, T latent frames, h×w latent size

/** A scene and the cameras that see it at the same time. */
export interface GridScene {
  readonly scene: Scene;
  /** One camera a frame for each view. */
  readonly cameras: readonly CameraPath[];
}

/** How a grid's pictures are encoded. */
export interface GridEncodingOptions {
  /** Windows of latent frames; absent: the clip is told whole. */
  readonly size?: WindowSize;
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Conditions of all views, view after view in the batch: 3D body tokens projected by each view's own
 * camera, and Plücker rays in the frame of view 0's first camera. A model that knows no views is told
 * of each as if it were alone, with rays in the frame of its own first camera. With `size`, a clip
 * comes in windows, each told as a grid of its own. The caller frees them.
 */
export async function encodeGrid(
  models: Models,
  grid: GridJob,
  { scene, cameras }: GridScene,
  options: GridEncodingOptions = {},
): Promise<IsaDitConditions | WindowedConditions> {
  const { dit, device } = models;
  const { signal, size } = options;
  const { width, height, frames } = grid.job;
  const pictures = await encodeGridPictures(models, grid, { scene, cameras }, options);
  try {
    const tell = gridTeller(models, { scene, cameras, width, height }, pictures);
    if (!size) return tell();
    const [{ h, w }] = pictures;
    const T = Math.ceil((frames - 1) / dit.config.temporalFactor) + 1;
    const shape = [grid.views, dit.config.latentChannels, T, h, w];
    const facts = { windows: latentWindows(T, size), device, shape };
    return await WindowedConditions.tell(facts, tell, { signal });
  } finally {
    disposeAll(pictures);
  }
}

type Film = ClipInputs["background"];

/** Each view's pictures; the references are the same tensors in all. */
async function encodeGridPictures(
  models: Models,
  grid: GridJob,
  { scene, cameras }: GridScene,
  { onNotice, signal }: GridEncodingOptions,
): Promise<ClipPictures[]> {
  const { width, height, vaeTiling: tiling } = grid.job;
  const { body, persons } = scene;
  const clip = { body, persons, width, height };
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

/** What is told of views besides their pictures. */
export interface ToldViews extends Pick<GridScene, "cameras"> {
  readonly scene: Pick<Scene, "body" | "persons">;
  readonly width: number;
  readonly height: number;
}

/** Tells of all views, of one window or of the whole clip. */
export function gridTeller(
  models: Models,
  { scene, width, height, ...told }: ToldViews,
  pictures: readonly ClipPictures[],
): (window?: LatentWindow) => IsaDitConditions {
  const { temporalFactor: f, pointsPerPerson } = models.dit.config;
  const { body, persons } = scene;
  const samples = surfaceSamples(body, pointsPerPerson);
  const size = filledSize(models, { width, height });
  const cameras = told.cameras.map((path) => path.map((camera) => fillCamera(camera, size)));
  const tracks = tracksOf(persons, size);
  const inReference = referencePositions(body, samples, tracks);
  const all = latentPoses(cameras[0].length, f);
  return (window) => {
    const { start, length } = window ?? { start: 0, length: all.length / f };
    const order = all.slice(start * f, (start + length) * f);
    const origin = models.dit.views ? cameras[0][order[0]] : undefined;
    return scope(() =>
      joinViews(cameras.map((path, view) => {
        const { background, normals, ...own } = pictures[view];
        const here = (film?: Tensor) => film && narrow(film, 2, start, length);
        const geometry = bodyConditions(body, samples, tracks, {
          ...{ cameras: path, temporalFactor: f, order, inReference },
        });
        return joinConditions(models, { persons, width, height }, {
          ...own,
          ...{ background: here(background), normals: here(normals), geometry },
          plucker: pluckerImages(path, { ...own, temporalFactor: f, order, origin }),
        });
      }))
    );
  };
}

function openViewBackground(
  { job, viewBackgrounds }: GridJob,
  view: number,
  onNotice?: (text: string) => void,
) {
  const own = viewBackgrounds.find((other) => other.view === view);
  return openBackground(own ? { ...job, background: own.background } : job, onNotice);
}

/** Clips' conditions as one batch. */
function joinViews(clips: readonly IsaDitConditions[]): IsaDitConditions {
  return scope(() => {
    const names = new Set(clips.flatMap((clip) => Object.keys(clip)));
    const joined = [...names].map((name) => {
      const parts = clips.map((clip) => clip[name as keyof IsaDitConditions]);
      if (!parts.some((part) => part instanceof Tensor)) return [name, undefined];
      // Where every point is in front of the camera that is not said.
      return [name, cat(parts.map((part, i) => part ?? allInFront(clips[i])), 0)];
    });
    return Object.fromEntries(joined) as IsaDitConditions;
  });
}

function allInFront({ pointsNdc }: IsaDitConditions): Tensor {
  return ones(pointsNdc.shape.slice(0, 3), { device: pointsNdc.device });
}

/** Latents that stay as they are. */
export interface HeldLatents {
  /** [V, C, T, h, w], zeros where nothing is given. */
  readonly clean: Tensor;
  /** 1 where given, [V, 1, T, 1, 1]. */
  readonly mask: Tensor;
}

/** Given pictures as latents; undefined where there are none. The caller frees them. */
export async function encodeGiven(
  models: Models,
  { job, views }: GridJob,
  given: GivenPictures,
  { shape, signal }: { readonly shape: readonly number[]; readonly signal?: AbortSignal },
): Promise<HeldLatents | undefined> {
  if (given.views.size === 0 && !given.instant) return undefined;
  const { vae, device } = models;
  const { fps, vaeTiling: tiling } = job;
  const size = filledSize(models, job);
  const encode = async (pictures: FrameStream["frames"]) => {
    const frames = fillFrames(pictures, { from: job, to: size });
    return (await encodeClip(vae, { ...size, fps, frames }, { device, signal, tiling })).latents;
  };
  const [, C, T, h, w] = shape;
  const rows: { clean: Tensor; mask: Tensor }[] = [];
  try {
    for (let view = 0; view < views; view++) {
      const pictures = given.views.get(view)?.stream().frames ??
        (given.instant && [given.instant[view]]);
      using latents = pictures && await encode(pictures);
      rows.push(scope(() => {
        const known = latents?.shape[2] ?? 0;
        const rest = zeros([1, C, T - known, h, w], { device });
        const flags = [
          ones([1, 1, known, 1, 1], { device }),
          zeros([1, 1, T - known, 1, 1], { device }),
        ];
        return { clean: latents ? cat([latents, rest], 2) : rest, mask: cat(flags, 2) };
      }));
    }
    return scope(() =>
      noGrad(() => ({
        clean: cat(rows.map(({ clean }) => clean), 0),
        mask: cat(rows.map(({ mask }) => mask), 0),
      }))
    );
  } finally {
    disposeAll(rows);
  }
}

/** View `view` of grid latents, [1, C, T, h, w], a view of the tensor. */
export function viewOf(latents: Tensor, view: number): Tensor {
  return narrow(latents, 0, view, 1);
}
