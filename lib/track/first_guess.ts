/**
 * Where a fit over a clip begins: poses out of the 3D landmarks, places and the lens that suit them.
 * @module
 */
import { type BodyMesh, fillGaps, JOINT_NAMES } from "../geometry/mod.ts";
import { bodySpots } from "../perception/mod.ts";
import type { ClipParameters, ClipView } from "./clip_parameters.ts";
import { firstPlaces, posedSpots } from "./first_place.ts";
import { firstPose } from "./first_pose.ts";
import { meanPose } from "./pose_prior.ts";

/** Focal lengths that are tried, as shares of the picture's longer side. */
const FOCALS = [0.6, 0.9, 1.3, 2, 3];
/** The one that is believed. */
export const BELIEVED_LENS = 1.1;
const BODY = bodySpots.length;

/** Poses out of the 3D landmarks, and the places and lens that suit them best. */
export function firstGuess(
  { evidence, views, fps, focal: believed, unit }: ClipView,
  { body, known: lens }: { readonly body: BodyMesh; readonly known: boolean },
): ClipParameters {
  const { frames, known, world } = evidence;
  const poses = new Float32Array(frames * 72);
  for (let f = 0; f < frames; f++) {
    if (!known[f]) continue;
    const own = world.subarray(f * 99, f * 99 + 99);
    const turned = own.map((_, i) => {
      const [at, column] = [i - i % 3, f * 9 + i % 3];
      return views[column] * own[at] + views[column + 3] * own[at + 1] +
        views[column + 6] * own[at + 2];
    });
    const pose = firstPose(turned, body);
    restUnseen(pose, evidence.worldSure.subarray(f * BODY, f * BODY + BODY));
    poses.set(pose, f * 72);
  }
  const filled =
    fillGaps({ fps, frames, poses, translations: new Float32Array(frames * 3) }, known).poses;
  const spots = posedSpots(body, { poses: filled, evidence, views });
  const tried = (lens ? [BELIEVED_LENS] : FOCALS).map((by) => {
    const focal = believed / BELIEVED_LENS * by;
    return { focal, ...firstPlaces(evidence, spots, focal) };
  });
  const best = tried.reduce((a, b) => b.error < a.error ? b : a);
  return {
    pose: filled,
    place: best.place.map((value) => value / unit),
    logScale: best.scale.map(Math.log),
    shape: new Float32Array(Math.min(10, body.shapeNames.length)),
    logFocal: Float32Array.of(Math.log(best.focal / believed)),
    logSize: new Float32Array(1),
    spots: new Float32Array(evidence.spots.length * 3),
    marks: new Float32Array(),
  };
}

/** Legs of which nothing at all is known hang as those of others do. */
function restUnseen(pose: Float32Array, sure: Float32Array): void {
  for (const side of ["left", "right"] as const) {
    if (sure[bodySpots.indexOf(`${side}_knee`)] > 0) continue;
    for (const name of ["hip", "knee", "ankle", "foot"] as const) {
      const at = JOINT_NAMES.indexOf(`${side}_${name}`) * 3;
      pose.set(meanPose.subarray(at, at + 3), at);
    }
  }
}
