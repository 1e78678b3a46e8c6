/**
 * Where vertices that the reference does not show take their looks from.
 * @module
 */
import { type BodyMesh, JOINT_NAMES } from "../geometry/mod.ts";
import { type Dress, shellFaces } from "./dress.ts";
import { skinSource } from "./hands.ts";
import { nearestOf } from "./nearest.ts";
import { scalpSource } from "./scalp.ts";
import { outerSurface } from "./surface.ts";

/** How a vertex's looks are known, best first. */
export const KNOWN = { seen: 0, mirrored: 1, filled: 2 } as const;

/** Where the looks of vertices come from. */
export interface Sources {
  /** [V] the seen vertex that each one looks like; −1 where nothing of the person is seen. */
  readonly from: Int32Array;
  /** [V] one of {@linkcode KNOWN}. */
  readonly known: Uint8Array;
}

/**
 * How much depth counts against width and height: the back wears what the front wears. Not so the head,
 * whose back has no face.
 */
const DEPTH_SHARE = 1 / 20;

/**
 * For each vertex itself if seen, else its mirror image, else the nearest that is seen. A hand that is
 * not seen looks like the other one, or the face, and not like a sleeve; and the back of a head like
 * its crown.
 */
export function findSources(
  body: BodyMesh,
  { dress, seen, prints }: {
    readonly dress: Dress;
    readonly seen: Uint8Array;
    /** [V] 1 where something is printed that is not there a second time; absent: nowhere. */
    readonly prints?: Uint8Array;
  },
): Sources {
  const { vertices, mirror } = outerSurface(body, dress);
  const from = new Int32Array(body.vertexCount).fill(-1);
  const known = new Uint8Array(body.vertexCount).fill(KNOWN.filled);
  const garments = garmentsOf(body, dress);
  const nearest = [0, 1, 2].map((garment) =>
    nearestSeen(
      body,
      vertices.filter((v) => seen[v] === 1 && !prints?.[v] && garments[v] === garment),
    )
  );
  const shown = vertices.filter((v) => seen[v] === 1);
  const anywhere = nearestSeen(body, shown);
  const special = [skinSource(body, shown), scalpSource(body, shown)];
  for (const v of vertices) {
    const other = mirror[v];
    if (seen[v]) [from[v], known[v]] = [v, KNOWN.seen];
    else if (other >= 0 && seen[other]) {
      [from[v], known[v]] = [other, KNOWN.mirrored];
    } else {
      const own = special.map((source) => source(v)).find((source) => source !== undefined);
      from[v] = own ?? nearest[garments[v]](v) ?? anywhere(v) ?? -1;
    }
  }
  return { from, known };
}

/** [V] 0 for skin and what is worn on it, 1 for hair, 2 for a skirt. */
function garmentsOf(body: BodyMesh, { shells }: Dress): Uint8Array {
  const garments = new Uint8Array(body.vertexCount);
  for (const shell of shells) {
    for (const v of shellFaces(body, [shell])) garments[v] = shell === "skirt" ? 2 : 1;
  }
  return garments;
}

/** Finds the nearest of some vertices. */
function nearestSeen(body: BodyMesh, shown: Uint32Array): (v: number) => number | undefined {
  const [neck, head] = (["neck", "head"] as const).map((name) =>
    body.restJoints[JOINT_NAMES.indexOf(name) * 3 + 1]
  );
  const place = (v: number): [number, number, number] => {
    const [x, y, z] = body.template.subarray(v * 3, v * 3 + 3);
    return [x, y, z * (y > neck + (head - neck) / 3 ? 1 : DEPTH_SHARE)];
  };
  return nearestOf(shown, place);
}
