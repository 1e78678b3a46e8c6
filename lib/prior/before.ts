/**
 * Arms before a body. Poses of photographs are a little wrong, and what lies beside the outline of a
 * hand before a face shows the hand.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  JOINT_NAMES,
  rasterise,
  type RasterTarget,
  rasterTarget,
} from "../geometry/mod.ts";
import { jointOf } from "./surface.ts";

/** How far beside an arm's outline pixels may be the arm's, metres. */
const BESIDE = 0.05;
/** What lies less than this behind an arm, metres, is the arm's own or lies on it. */
const BEHIND = 0.06;

const armJoints = JOINT_NAMES.flatMap((name, joint) =>
  /elbow|wrist|hand/.test(name) ? [joint] : []
);

/** Tells of a depth at a pixel whether it lies behind an arm that is there or just beside. */
export function behindArms(
  body: BodyMesh,
  { vertices, faces, camera }: {
    /** Posed, [V·3]. */
    readonly vertices: Float32Array;
    readonly faces: Uint32Array;
    readonly camera: Camera;
  },
): (pixel: number, depth: number) => boolean {
  const target = rasterTarget(camera.width, camera.height);
  rasterise(target, camera, { vertices, faces: armFaces(body, faces) });
  const nearest = target.depth.reduce((least, depth) => Math.min(least, depth), Infinity);
  if (nearest === Infinity) return () => false;
  const around = leastAround(target, Math.round(BESIDE * camera.fx / nearest));
  return (pixel, depth) => depth > around[pixel] + BEHIND;
}

/** Faces of forearms and hands. */
function armFaces(body: BodyMesh, faces: Uint32Array): Uint32Array {
  return faces.filter((_, i) => armJoints.includes(jointOf(body, faces[i - i % 3])));
}

/** The least depth within `reach` pixels along rows and columns. */
function leastAround({ width, height, depth }: RasterTarget, reach: number): Float32Array {
  const along = (from: Float32Array, lines: number, length: number, line: number, step: number) => {
    const out = from.slice();
    for (let l = 0; l < lines; l++) {
      for (let i = 0; i < length; i++) {
        const here = from[l * line + i * step];
        if (here === Infinity) continue;
        for (let k = Math.max(0, i - reach); k <= Math.min(length - 1, i + reach); k++) {
          const to = l * line + k * step;
          if (here < out[to]) out[to] = here;
        }
      }
    }
    return out;
  };
  return along(along(depth, height, width, width, 1), width, height, 1, width);
}
