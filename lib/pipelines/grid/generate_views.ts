/**
 * A rendered scene's persons, motion, cameras and backgrounds through the models, all views at once and
 * without files between: what evaluation measures. No picture of the true views enters.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";
import { type Frames, streamOf } from "../../io/mod.ts";
import type { IsaDitConditions } from "../../models/isa_dit/mod.ts";
import { type ClipPictures, conditionsOf, encodePictures } from "../sampling/mod.ts";
import { disposeAll } from "../../tensor/mod.ts";
import { type ClipToldOf, decodeTold, scenePersonOf } from "../generation/mod.ts";
import type { Models } from "../weights/mod.ts";
import { viewOf } from "./held_latents.ts";
import { sampleGrid, type SampleGridOptions } from "./sample_grid.ts";

/** Generates all views of a scene, each told of as for `generateClip`; the first one's persons count. */
export async function generateViews(
  models: Models,
  body: BodyMesh,
  views: readonly ClipToldOf[],
  options: SampleGridOptions,
): Promise<Frames[]> {
  const conditions = await encodeViews(models, body, views);
  try {
    using latents = await sampleGrid(models.dit, conditions, options);
    const made: Frames[] = [];
    for (const [view, told] of views.entries()) {
      using own = viewOf(latents, view);
      const clip = { ...told, persons: views[0].persons };
      made.push(await decodeTold(models, { body, clip, latents: own }, options));
    }
    return made;
  } finally {
    disposeAll(conditions);
  }
}

/** The references are encoded once, with the first view. */
async function encodeViews(
  models: Models,
  body: BodyMesh,
  views: readonly ClipToldOf[],
): Promise<IsaDitConditions> {
  const [{ background: { width, height } }] = views;
  const scene = { body, persons: views[0].persons.map(scenePersonOf) };
  const pictures: ClipPictures[] = [];
  try {
    for (const [view, { cameras, background, backgroundGiven = true }] of views.entries()) {
      const behind = backgroundGiven ? streamOf(background).frames : undefined;
      const told = { ...scene, cameras, width, height, background: behind };
      const own = await encodePictures(models, told, view === 0 ? {} : { only: "film" });
      pictures.push(view === 0 ? own : { ...own, stills: pictures[0].stills });
    }
    const seen = views.map(({ cameras }, view) => ({ cameras, pictures: pictures[view] }));
    return await conditionsOf(models, { ...scene, width, height }, seen);
  } finally {
    disposeAll(pictures);
  }
}
