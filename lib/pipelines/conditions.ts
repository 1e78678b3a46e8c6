/**
 * From pictures and geometry to what ISA-DiT is told about a clip. The job's files and the renderer's
 * clips come through here alike.
 * @module
 */
import {
  type BodyConditions,
  bodyConditions,
  type BodyMesh,
  type CameraPath,
  normalMaps,
  type PersonTrack,
  pluckerImages,
  surfaceSamples,
} from "../geometry/mod.ts";
import type { FrameStream } from "../io/mod.ts";
import {
  clipConditions,
  type IsaDitConditions,
  readsNormals,
  towerImage,
} from "../models/isa_dit/mod.ts";
import { noGrad, scope, select, type Tensor } from "../tensor/mod.ts";
import { disposeAll } from "./dispose.ts";
import { fillCamera, filledSize, fillFrames, fillReference, type PictureSize } from "./filling.ts";
import { encodeClip } from "./reconstruct.ts";
import type { ReconstructOptions } from "./reconstruct_options.ts";
import type { ScenePerson } from "./scene.ts";
import type { Models } from "./weights.ts";

/** A clip before any model has seen it. */
export interface ClipInputs {
  readonly body: BodyMesh;
  readonly persons: readonly ScenePerson[];
  /** One a frame. */
  readonly cameras: CameraPath;
  readonly width: number;
  readonly height: number;
  /** Pictures of the clip's size, one a frame; absent: no background is given. */
  readonly background?: FrameStream["frames"];
}

/** How a clip's pictures pass the VideoVAE. */
export interface EncodePicturesOptions extends Pick<ReconstructOptions, "signal" | "tiling"> {
  /** The references alone, or what goes over time alone. Default: both. */
  readonly only?: "references" | "film";
}

/** Encodes pictures and geometry; the caller owns the tensors. */
export async function encodeConditions(
  models: Models,
  clip: ClipInputs,
  options: EncodePicturesOptions = {},
): Promise<IsaDitConditions> {
  const { dit } = models;
  const { body, persons } = clip;
  const { temporalFactor, pointsPerPerson } = dit.config;
  const size = filledSize(models, clip);
  const cameras = clip.cameras.map((camera) => fillCamera(camera, size));
  const samples = surfaceSamples(body, pointsPerPerson);
  const tracks = tracksOf(persons, size);
  const geometry = bodyConditions(body, samples, tracks, { cameras, temporalFactor });
  const pictures = await encodePictures(models, clip, options);
  try {
    const plucker = pluckerImages(cameras, { ...pictures, temporalFactor });
    return joinConditions(models, clip, { ...pictures, geometry, plucker });
  } finally {
    disposeAll(pictures);
  }
}

/** Persons as the geometry takes them, their references filled up to `size`. */
export function tracksOf(persons: readonly ScenePerson[], size: PictureSize): PersonTrack[] {
  return persons.map(({ poses, reference: { known } }) => ({
    poses,
    reference: known && fillReference(known, size),
  }));
}

/** A clip's pictures as latents. */
export interface ClipPictures {
  /** Each person's, [1, C, 1, h, w]. */
  readonly stills: readonly Tensor[];
  /** [1, C, T, h, w] */
  readonly background?: Tensor;
  /** The bodies' normal maps, where the model is controlled by these, [1, C, T, h, w]. */
  readonly normals?: Tensor;
  readonly h: number;
  readonly w: number;
}

/** Encodes references, background and, for a model that reads them, normal maps; the caller frees them. */
export async function encodePictures(
  models: Models,
  clip: ClipInputs,
  { only, signal, tiling }: EncodePicturesOptions = {},
): Promise<ClipPictures> {
  const { vae, dit, device } = models;
  const { body, persons, background: behind } = clip;
  const size = filledSize(models, clip);
  const options = { device, signal, tiling };
  const encodeFilled = async (frames: FrameStream["frames"]) =>
    (await encodeClip(vae, { ...size, fps: 1, frames }, options)).latents;
  const encode = (frames: FrameStream["frames"]) =>
    encodeFilled(fillFrames(frames, { from: clip, to: size }));
  const [withStills, withFilm] = [only !== "film", only !== "references"];
  const stills: Tensor[] = [];
  let background: Tensor | undefined;
  let normals: Tensor | undefined;
  try {
    if (withFilm && behind) background = await encode(behind);
    if (withFilm && readsNormals(dit.config)) {
      const cameras = clip.cameras.map((camera) => fillCamera(camera, size));
      normals = await encodeFilled(normalMaps(body, persons, cameras));
    }
    for (const { reference } of withStills ? persons : []) {
      stills.push(await encode([reference.picture.data]));
    }
  } catch (error) {
    disposeAll({ background, normals, stills });
    throw error;
  }
  const [h, w] = [size.height / vae.spatialFactor, size.width / vae.spatialFactor];
  return { stills, background, normals, h, w };
}

/** Latents and geometry of a clip, or of one window of it, as the model takes them. */
export function joinConditions(
  { dit, device }: Pick<Models, "dit" | "device">,
  { persons, width, height }: Pick<ClipInputs, "persons" | "width" | "height">,
  { stills, background, normals, h, w, geometry, plucker }: ClipPictures & {
    readonly geometry: BodyConditions;
    readonly plucker: Float32Array;
  },
): IsaDitConditions {
  return scope(() =>
    noGrad(() =>
      clipConditions(dit.config, {
        body: geometry,
        plucker,
        references: stills.map((still) => select(still, 2, 0)),
        background,
        normals,
        image: towerImage(persons[0].reference.picture.data, { width, height }, {
          imageSize: dit.config.imageEncoder.imageSize,
        }),
        T: geometry.K / dit.config.temporalFactor,
        h,
        w,
      }, { device })
    )
  );
}
