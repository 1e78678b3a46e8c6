/**
 * A clothed mesh as points that vertices of the body are compared with.
 * @module
 */
import type { SourcePerson } from "./make_people_source.ts";
import { PointGrid } from "./point_grid.ts";

/** Points of a mesh with normals, for look-ups. */
export interface Surface {
  readonly grid: PointGrid;
  readonly points: Float64Array;
  readonly normals: Float64Array;
}

/** Centres of the faces and points between them, about a centimetre apart. */
export function surfaceOf({ vertices, faces }: SourcePerson): Surface {
  const points: number[] = [], normals: number[] = [];
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => vertices.subarray(faces[f + k] * 3, faces[f + k] * 3 + 3));
    const u = [0, 1, 2].map((k) => b[k] - a[k]), w = [0, 1, 2].map((k) => c[k] - a[k]);
    const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    const area = Math.hypot(...n);
    if (area < 1e-12) continue;
    const cuts = Math.min(8, Math.max(1, Math.round(Math.sqrt(area) / 0.012)));
    for (let i = 0; i < cuts; i++) {
      for (let j = 0; j < cuts - i; j++) {
        const s = (i + 1 / 3) / cuts, t = (j + 1 / 3) / cuts;
        points.push(...[0, 1, 2].map((k) => a[k] + s * u[k] + t * w[k]));
        normals.push(...n.map((value) => value / area));
      }
    }
  }
  const all = Float64Array.from(points);
  return { grid: new PointGrid(all, 0.03), points: all, normals: Float64Array.from(normals) };
}
