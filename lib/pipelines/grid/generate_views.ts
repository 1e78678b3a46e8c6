/**
 * A rendered scene's persons, motion, cameras and backgrounds through the models, all views at once and
 * without files between: what evaluation measures. No picture of the true views enters.
 * @module
 */
import {
  bodyConditions,
  type BodyMesh,
  pluckerImages,
  surfaceSamples,
} from "../../geometry/mod.ts";
import { type Frames, streamOf } from "../../io/mod.ts";
import { videoToFrames } from "../../models/video_vae/mod.ts";
import type { IsaDitConditions } from "../../models/isa_dit/mod.ts";
import { noGrad, scope } from "../../tensor/mod.ts";
import { encodePictures, joinConditions, tracksOf } from "../conditions.ts";
import { disposeAll } from "../dispose.ts";
import type { ClipToldOf } from "../generate_clip.ts";
import type { ScenePerson } from "../scene.ts";
import type { Models } from "../weights.ts";
import { joinViews, viewOf } from "./conditions.ts";
import { sampleGrid, type SampleGridOptions } from "./sample.ts";

/** Generates all views of a scene, each told of as for `generateClip`; the first one's persons count. */
export async function generateViews(
  models: Models,
  body: BodyMesh,
  views: readonly ClipToldOf[],
  options: SampleGridOptions,
): Promise<Frames[]> {
  const conditions = await encodeClips(models, body, views);
  try {
    using latents = await sampleGrid(models.dit, conditions, options);
    return views.map(({ background: { count, fps } }, view) => {
      using own = viewOf(latents, view);
      using video = scope(() => noGrad(() => models.vae.decode(own, { frames: count })));
      return videoToFrames(video, { fps });
    });
  } finally {
    disposeAll(conditions);
  }
}

/** Rays are in the frame of the first view's first camera for a model that knows views. */
async function encodeClips(
  models: Models,
  body: BodyMesh,
  views: readonly ClipToldOf[],
): Promise<IsaDitConditions> {
  const { dit } = models;
  const { temporalFactor, pointsPerPerson } = dit.config;
  const samples = surfaceSamples(body, pointsPerPerson);
  const [{ cameras: [first], background: { width, height } }] = views;
  const origin = dit.views ? first : undefined;
  const persons = views[0].persons.map(personOf);
  const clips: IsaDitConditions[] = [];
  try {
    for (const { cameras, background, backgroundGiven = true } of views) {
      const told = { body, persons, cameras, width, height };
      const behind = backgroundGiven ? streamOf(background).frames : undefined;
      const pictures = await encodePictures(models, { ...told, background: behind });
      try {
        const geometry = bodyConditions(body, samples, tracksOf(persons), {
          cameras,
          temporalFactor,
        });
        const plucker = pluckerImages(cameras, { ...pictures, temporalFactor, origin });
        clips.push(joinConditions(models, told, { ...pictures, geometry, plucker }));
      } finally {
        disposeAll(pictures);
      }
    }
    return joinViews(clips);
  } finally {
    disposeAll(clips);
  }
}

function personOf(
  { poses, reference, referencePose, referenceCamera }: ClipToldOf["persons"][number],
): ScenePerson {
  return {
    poses,
    reference: { picture: reference, known: { body: referencePose, camera: referenceCamera } },
  };
}
