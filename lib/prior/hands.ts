/**
 * Hands of a photograph: fingers are thin and their poses guessed, so that what lies behind them is
 * painted on them, and one that is not seen would look like its sleeve. Hands are skin.
 * @module
 */
import { type BodyMesh, JOINT_NAMES } from "../geometry/mod.ts";
import { isAlike, medianColour } from "./alike.ts";
import { nearestOf } from "./nearest.ts";
import type { RgbPicture } from "./picture.ts";
import { jointOf } from "./surface.ts";

const HANDS = JOINT_NAMES.flatMap((name, joint) => /wrist|hand/.test(name) ? [joint] : []);
const HEAD = JOINT_NAMES.indexOf("head");
/** How far before its joint the face begins, metres, and to both sides: hair and hats lie around. */
const FACE = { before: 0.08, side: 0.045 };
/** Vertices of a face that tell its colour. */
const LEAST = 20;

/** Whether a vertex is of a hand. */
export const isHand = (body: BodyMesh, v: number): boolean => HANDS.includes(jointOf(body, v));

function isFace(body: BodyMesh, v: number): boolean {
  const { template, restJoints } = body;
  return template[v * 3 + 2] > restJoints[HEAD * 3 + 2] + FACE.before &&
    Math.abs(template[v * 3]) < FACE.side && jointOf(body, v) === HEAD;
}

/** The vertices [V] that a picture shows, without those of hands that do not have the face's colour. */
export function withoutStrangeHands(
  body: BodyMesh,
  { seen, uv, picture }: {
    readonly seen: Uint8Array;
    /** [V·2] where in the picture vertices are. */
    readonly uv: Float32Array;
    readonly picture: RgbPicture;
  },
): Uint8Array {
  const { width, height, data } = picture;
  const shown = [...seen.keys()].filter((v) => seen[v] === 1);
  const colour = (v: number) => {
    const [x, y] = [uv[v * 2], uv[v * 2 + 1]].map(Math.floor);
    const at = (Math.min(height - 1, y) * width + Math.min(width - 1, x)) * 3;
    return data.subarray(at, at + 3);
  };
  const face = shown.filter((v) => isFace(body, v)).map(colour);
  if (face.length < LEAST) return seen;
  const skin = medianColour(face);
  const out = seen.slice();
  for (const v of shown) {
    if (isHand(body, v) && !isAlike(colour(v), skin)) out[v] = 0;
  }
  return out;
}

/** For a vertex of a hand one of either hand, or else of the face; undefined for any other. */
export function skinSource(
  body: BodyMesh,
  shown: Uint32Array,
): (v: number) => number | undefined {
  const { template } = body;
  const hands = shown.filter((v) => isHand(body, v));
  const bare = hands.length > 0 ? hands : shown.filter((v) => isFace(body, v));
  const nearest = nearestOf(bare, (v) => [
    Math.abs(template[v * 3]),
    template[v * 3 + 1],
    template[v * 3 + 2],
  ]);
  return (v) => isHand(body, v) ? nearest(v) : undefined;
}
