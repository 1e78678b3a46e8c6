/**
 * Which vertices of a body a picture shows.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  cameraCentre,
  projectPoints,
  rasterise,
  rasterTarget,
  scaleCamera,
  sizeWithin,
} from "../geometry/mod.ts";
import { behindArms } from "./before.ts";
import { isInside, type PersonMask } from "./picture.ts";
import type { PosedSurface } from "./surface.ts";

/** Farther behind the nearest surface, in metres, a vertex is hidden. */
const TOLERANCE = 0.02;
/** Least cosine between a normal and the way to the camera: flatter, a pixel smears over the skin. */
const FACING = 0.25;
/** Longer side of the depth picture, pixels: finer tells nothing more at that tolerance. */
const DEPTH_SIDE = 768;

/** What {@linkcode seenVertices} looks at. */
export interface Sight {
  readonly body: BodyMesh;
  readonly posed: PosedSurface;
  readonly faces: Uint32Array;
  readonly keep?: Float32Array;
  /** Of the mask's size. */
  readonly camera: Camera;
  /** Where pixels are the person's alone. */
  readonly inner: PersonMask;
  /** Whether the pose is guessed: then what lies beside an arm that is nearer is not trusted. */
  readonly guessed?: boolean;
}

/** Where a picture shows a body's vertices. */
export interface Seen {
  /** Pixels, [V·2]. */
  readonly uv: Float32Array;
  /** [V] 1 for vertices that are turned to the camera and not hidden, in the picture or beside it. */
  readonly facing: Uint8Array;
  /** [V] 1 for those of them that lie in the picture. */
  readonly inside: Uint8Array;
  /** [V] 1 for those of them that lie on the person. */
  readonly seen: Uint8Array;
}

/** Looks for a body's vertices in a picture. */
export function seenVertices(sight: Sight): Seen {
  const { body, posed, faces, keep, camera, inner, guessed } = sight;
  const { uv, depth } = projectPoints(camera, posed.vertices);
  const small = scaleCamera(camera, sizeWithin(camera, DEPTH_SIDE));
  const target = rasterTarget(small.width, small.height);
  rasterise(target, small, { vertices: posed.vertices, faces, keep });
  const isBehind = guessed
    ? behindArms(body, { vertices: posed.vertices, faces, camera: small })
    : () => false;
  const [sx, sy] = [small.width / camera.width, small.height / camera.height];
  const [facing, inside, seen] = [0, 0, 0].map(() => new Uint8Array(depth.length));
  const cosines = cosinesTo(camera, posed);
  for (let v = 0; v < seen.length; v++) {
    if ((keep && keep[v] < 0) || !(cosines[v] >= FACING) || depth[v] <= 0) continue;
    const u = uv[v * 2], w = uv[v * 2 + 1];
    const x = Math.floor(u * sx), y = Math.floor(w * sy);
    const beside = x < 0 || y < 0 || x >= small.width || y >= small.height;
    const at = y * small.width + x;
    if (!beside && depth[v] > target.depth[at] + TOLERANCE) continue;
    if (!beside && isBehind(at, depth[v])) continue;
    facing[v] = 1;
    inside[v] = beside ? 0 : 1;
    seen[v] = !beside && isInside(inner, u, w) ? 1 : 0;
  }
  return { uv, facing, inside, seen };
}

/** Cosines between the normals and the ways to the camera, [V]. */
function cosinesTo(
  camera: Camera,
  { vertices, normals }: PosedSurface,
): Float32Array {
  const [x, y, z] = cameraCentre(camera);
  const out = new Float32Array(vertices.length / 3);
  for (let v = 0; v < out.length; v++) {
    const dx = x - vertices[v * 3], dy = y - vertices[v * 3 + 1], dz = z - vertices[v * 3 + 2];
    const dot = dx * normals[v * 3] + dy * normals[v * 3 + 1] + dz * normals[v * 3 + 2];
    out[v] = dot / (Math.sqrt(dx * dx + dy * dy + dz * dz) || 1);
  }
  return out;
}
