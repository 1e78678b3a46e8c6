/**
 * Where vertices that the reference does not show take their looks from.
 * @module
 */
import type { BodyMesh } from "../geometry/mod.ts";
import { NearestPoint } from "./nearest.ts";
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

/** How much depth counts against width and height: the back wears what the front wears. */
const DEPTH_SHARE = 1 / 20;

/** For each vertex itself if seen, else its mirror image, else the nearest that is seen. */
export function findSources(body: BodyMesh, seen: Uint8Array): Sources {
  const { vertices, mirror } = outerSurface(body);
  const from = new Int32Array(body.vertexCount).fill(-1);
  const known = new Uint8Array(body.vertexCount).fill(KNOWN.filled);
  const shown = vertices.filter((v) => seen[v] === 1);
  const place = (v: number): [number, number, number] => [
    body.template[v * 3],
    body.template[v * 3 + 1],
    body.template[v * 3 + 2] * DEPTH_SHARE,
  ];
  const tree = new NearestPoint(Float32Array.from([...shown].flatMap(place)));
  for (const v of vertices) {
    const other = mirror[v];
    if (seen[v]) [from[v], known[v]] = [v, KNOWN.seen];
    else if (other >= 0 && seen[other]) [from[v], known[v]] = [other, KNOWN.mirrored];
    else if (shown.length > 0) from[v] = shown[tree.find(...place(v)).index];
  }
  return { from, known };
}
