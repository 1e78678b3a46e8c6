/**
 * What ISA-DiT is told about all views of a scene, and the latents that are given.
 * @module
 */
import {
  bodyConditions,
  type CameraPath,
  pluckerImages,
  surfaceSamples,
} from "../../geometry/mod.ts";
import type { IsaDitConditions } from "../../models/isa_dit/mod.ts";
import { cat, narrow, noGrad, ones, scope, Tensor, zeros } from "../../tensor/mod.ts";
import { openBackground } from "../background.ts";
import { type ClipPictures, encodePictures, joinConditions, tracksOf } from "../conditions.ts";
import { disposeAll } from "../dispose.ts";
import { encodeClip } from "../reconstruct.ts";
import type { Scene } from "../scene.ts";
import type { Models } from "../weights.ts";
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
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Conditions of all views, view after view in the batch: 3D body tokens projected by each view's own
 * camera, and Plücker rays in the frame of view 0's first camera. A model that knows no views is told
 * of each as if it were alone, with rays in the frame of its own first camera. The caller frees them.
 */
export async function encodeGrid(
  models: Models,
  grid: GridJob,
  { scene, cameras }: GridScene,
  options: GridEncodingOptions = {},
): Promise<IsaDitConditions> {
  const { dit } = models;
  const { job } = grid;
  const { temporalFactor, pointsPerPerson } = dit.config;
  const { body, persons } = scene;
  const { width, height } = job;
  const samples = surfaceSamples(body, pointsPerPerson);
  const origin = dit.views ? cameras[0][0] : undefined;
  const encoding = { signal: options.signal, tiling: job.vaeTiling };
  const size = { body, persons, width, height };
  const references = await encodePictures(models, { ...size, cameras: cameras[0] }, {
    ...encoding,
    only: "references",
  });
  const views: IsaDitConditions[] = [];
  try {
    for (const [view, path] of cameras.entries()) {
      const background = await openViewBackground(grid, view, options.onNotice);
      const behind = await encodePictures(models, { ...size, cameras: path, background }, {
        ...encoding,
        only: "film",
      });
      try {
        const pictures: ClipPictures = { ...behind, stills: references.stills };
        const lens = { cameras: path, temporalFactor };
        const geometry = bodyConditions(body, samples, tracksOf(persons), lens);
        const plucker = pluckerImages(path, { ...pictures, temporalFactor, origin });
        views.push(joinConditions(models, { persons, width, height }, {
          ...pictures,
          geometry,
          plucker,
        }));
      } finally {
        disposeAll(behind);
      }
    }
    return joinViews(views);
  } finally {
    disposeAll({ references, views });
  }
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
export function joinViews(clips: readonly IsaDitConditions[]): IsaDitConditions {
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
  { vae, device }: Models,
  { job, views }: GridJob,
  given: GivenPictures,
  { like, signal }: { readonly like: Tensor; readonly signal?: AbortSignal },
): Promise<HeldLatents | undefined> {
  if (given.views.size === 0 && !given.instant) return undefined;
  const { width, height, fps, vaeTiling: tiling } = job;
  const encode = async (frames: readonly Uint8Array[]) =>
    (await encodeClip(vae, { width, height, fps, frames }, { device, signal, tiling })).latents;
  const [, C, T, h, w] = like.shape;
  const rows: { clean: Tensor; mask: Tensor }[] = [];
  try {
    for (let view = 0; view < views; view++) {
      const pictures = given.views.get(view) ?? (given.instant ? [given.instant[view]] : []);
      using latents = pictures.length > 0 ? await encode(pictures) : undefined;
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
