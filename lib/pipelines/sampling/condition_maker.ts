/**
 * From encoded pictures and geometry to conditions: whole clips, windows and grids of views come through
 * here alike.
 * @module
 */
import {
  bodyPoints,
  type CameraPath,
  latentPoses,
  type PersonTrack,
  pluckerImages,
  referencePositions,
  surfaceSamples,
} from "../../geometry/mod.ts";
import {
  type ClipConditions,
  clipConditions,
  type FrameConditions,
  frameConditions,
  joinClips,
  towerImage,
} from "../../models/isa_dit/mod.ts";
import { narrow, noGrad, ones, scope, select, type Tensor } from "../../tensor/mod.ts";
import type { ClipPictures, SceneClip } from "./encode_pictures.ts";
import { fillCamera, fillReference, type PictureSize } from "../codec/mod.ts";
import type { ScenePerson } from "../scene/mod.ts";
import type { Models } from "../weights/mod.ts";

/** Latent frames. */
export interface Window {
  readonly start: number;
  readonly length: number;
}

/** Makes the conditions of a clip's views, view after view in the batch; the caller owns them. */
export interface ConditionMaker {
  /** What is one for the clip. */
  clip(): ClipConditions;
  /** What a window of it has, as a clip of its own; default the whole. */
  frames(window?: Window): FrameConditions;
}

/** What one camera sees. */
export interface SeenClip {
  readonly cameras: CameraPath;
  readonly pictures: ClipPictures;
}

/**
 * Points are placed around each window's first frame's pelvis, and rays in the frame of its first camera,
 * so that nothing grows with the way that a person walks; views of a model that knows several share
 * view 0's.
 */
export function conditionMaker(
  models: Models,
  { body, persons, width, height }: Pick<SceneClip, "body" | "persons" | "width" | "height">,
  views: readonly SeenClip[],
): ConditionMaker {
  const { vae, dit: { config, views: together }, device } = models;
  const [{ pictures: { h, w } }] = views;
  const { temporalFactor: f, pointsPerPerson } = config;
  const size = { width: w * vae.spatialFactor, height: h * vae.spatialFactor };
  const samples = surfaceSamples(body, pointsPerPerson);
  const tracks = tracksOf(persons, size);
  const positions = referencePositions(body, samples, tracks);
  const poses = latentPoses(views[0].cameras.length, f);
  const paths = views.map(({ cameras }) => cameras.map((camera) => fillCamera(camera, size)));
  const clip = ({ stills, background }: ClipPictures): ClipConditions =>
    clipConditions(config, {
      positions,
      references: stills.map((still) => select(still, 2, 0)),
      image: towerImage(persons[0].reference.picture.data, { width, height }, config.imageEncoder),
      backgroundGiven: background !== undefined,
    }, { device });
  const frames = (view: number, { start, length }: Window): FrameConditions => {
    const { pictures: { background, maps } } = views[view];
    const cameras = paths[view];
    const order = poses.slice(start * f, (start + length) * f);
    const origin = together ? paths[0][order[0]] : undefined;
    const here = <Film extends Tensor | undefined>(film: Film) =>
      film && narrow(film, 2, start, length);
    return frameConditions(config, {
      body: bodyPoints(body, samples, tracks, {
        ...{ cameras, temporalFactor: f, order, inReference: positions },
      }),
      plucker: pluckerImages(cameras, { w, h, temporalFactor: f, order, origin }),
      background: here(background),
      maps: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, here(map)])),
      ...{ h, w },
    }, { device });
  };
  const all = { start: 0, length: poses.length / f };
  return {
    clip: () => scope(() => noGrad(() => joinClips(views.map((view) => clip(view.pictures))))),
    frames: (window = all) =>
      scope(() =>
        noGrad(() => joinClips(views.map((_, view) => frames(view, window)), allInFront))
      ),
  };
}

/** Where every point of a clip is in front of the camera that is not said. */
function allInFront(_name: string, { pointsNdc }: FrameConditions): Tensor {
  return ones(pointsNdc.shape.slice(0, 3), { device: pointsNdc.device });
}

/** Persons as the geometry takes them, their references filled up to `size`. */
export function tracksOf(persons: readonly ScenePerson[], size: PictureSize): PersonTrack[] {
  return persons.map(({ poses, reference: { known } }) => ({
    poses,
    reference: known && fillReference(known, size),
  }));
}
