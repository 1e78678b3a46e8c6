/**
 * The back of a head: it wears what the crown wears, hair or a hat, and not the cheeks that
 * are nearest to it.
 * @module
 */
import { type BodyMesh, JOINT_NAMES } from "../geometry/mod.ts";
import { nearestOf } from "./nearest.ts";
import { jointOf } from "./surface.ts";

const [HEAD, NECK] = [JOINT_NAMES.indexOf("head"), JOINT_NAMES.indexOf("neck")];
/** How far down from the top hair begins on a forehead, and how wide a parting may be, metres. */
const CROWN = { below: 0.035, parting: 0.025 };
/** Where the scalp ends below, metres from the top, and before the ears, metres from the head's joint. */
const SCALP = { below: 0.19, before: 0.01 };
/** How much the way from front to back counts against the others: hair falls from the crown all around. */
const DEPTH_SHARE = 0.2;

/** For a vertex of the scalp the nearest one of the crown that is shown; undefined for any other. */
export function scalpSource(
  body: BodyMesh,
  shown: Uint32Array,
): (v: number) => number | undefined {
  const { template, restJoints } = body;
  const isHead = (v: number) => jointOf(body, v) === HEAD;
  const top = body.bodyFaces.reduce(
    (high, v) => isHead(v) ? Math.max(high, template[v * 3 + 1]) : high,
    -Infinity,
  );
  const crown = shown.filter((v) =>
    isHead(v) && template[v * 3 + 1] > top - CROWN.below &&
    Math.abs(template[v * 3]) > CROWN.parting
  );
  const nearest = nearestOf(crown, (v) => [
    template[v * 3],
    template[v * 3 + 1],
    template[v * 3 + 2] * DEPTH_SHARE,
  ]);
  const isScalp = (v: number) => {
    const [, y, z] = template.subarray(v * 3, v * 3 + 3);
    return (isHead(v) || jointOf(body, v) === NECK) && y > top - SCALP.below &&
      z < restJoints[HEAD * 3 + 2] + SCALP.before;
  };
  return (v) => isScalp(v) ? nearest(v) : undefined;
}
