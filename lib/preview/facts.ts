/**
 * What each frame of a scene shows of each person, in numbers.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  cameraCentre,
  projectPoints,
  samplePoints,
  type SurfaceSamples,
  surfaceSamples,
} from "../geometry/mod.ts";
import type { Scene } from "../pipelines/scene/mod.ts";

/** One person in one frame. */
export interface FrameFacts {
  /** Share of the skin that lies outside the picture or behind the camera. */
  readonly outside: number;
  /** Share of the skin that lies behind the camera. */
  readonly behind: number;
  /** Whether the camera stands within the body. */
  readonly cameraInside: boolean;
  /** Height in the picture as a share of the picture's height, also beyond its edges. */
  readonly height: number;
  /** Height of the lowest spot of the skin over y = 0, metres. */
  readonly lowest: number;
  /** [24·3] metres. */
  readonly joints: Float32Array;
}

/** Spots on the skin that shares are counted by: one is 0.4 %. */
const SPOTS = 256;

/** Nearest depth, in metres, that counts as before the camera: what is drawn and what is told to the model. */
const NEAR = 0.05;

/** Facts of every person in every frame, [persons][frames]. */
export function sceneFacts({ body, persons, cameras }: Scene): FrameFacts[][] {
  const samples = surfaceSamples(body, SPOTS);
  const skin = Uint32Array.from(new Set(body.bodyFaces));
  return persons.map(({ poses }) =>
    poses.map((pose, frame): FrameFacts => {
      const { vertices, joints } = body.pose(pose);
      const camera = cameras[frame];
      const box = boxOf(vertices, skin);
      return {
        ...seen(body, vertices, { samples, camera }),
        cameraInside: holds(body, vertices, { box, place: cameraCentre(camera) }),
        lowest: box[1],
        joints,
      };
    })
  );
}

/** How much of a body a camera sees. */
export function seen(
  body: BodyMesh,
  vertices: Float32Array,
  { samples, camera }: { readonly samples: SurfaceSamples; readonly camera: Camera },
): Pick<FrameFacts, "outside" | "behind" | "height"> {
  const { uv, depth } = projectPoints(camera, samplePoints(body, vertices, samples));
  let [outside, behind, top, bottom] = [0, 0, Infinity, -Infinity];
  for (let i = 0; i < depth.length; i++) {
    const [u, v] = [uv[i * 2], uv[i * 2 + 1]];
    if (depth[i] <= NEAR) {
      behind++;
      continue;
    }
    if (!(u >= 0 && v >= 0 && u < camera.width && v < camera.height)) outside++;
    top = Math.min(top, v);
    bottom = Math.max(bottom, v);
  }
  const count = depth.length;
  return {
    outside: (outside + behind) / count,
    behind: behind / count,
    height: bottom > top ? (bottom - top) / camera.height : 0,
  };
}

/**
 * Whether a place lies within the skin: the solid angle that its faces fill, seen from there, is 4π
 * inside and 0 outside, also for a mesh with small holes (Jacobson et al. 2013).
 */
function holds(
  body: BodyMesh,
  vertices: Float32Array,
  { box, place }: { readonly box: Float64Array; readonly place: readonly number[] },
): boolean {
  const faces = body.bodyFaces;
  if (place.some((value, axis) => value < box[axis] || value > box[3 + axis])) return false;
  let angle = 0;
  for (let f = 0; f < faces.length; f += 3) {
    angle += solidAngle(vertices, faces.subarray(f, f + 3), place);
  }
  return Math.abs(angle) > 2 * Math.PI;
}

/** Least, then greatest coordinates of the named vertices. */
function boxOf(vertices: Float32Array, names: Uint32Array): Float64Array {
  const box = Float64Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
  for (let i = 0; i < names.length; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const value = vertices[names[i] * 3 + axis];
      if (value < box[axis]) box[axis] = value;
      if (value > box[3 + axis]) box[3 + axis] = value;
    }
  }
  return box;
}

/** Solid angle of a triangle (Van Oosterom and Strackee 1983). */
function solidAngle(
  vertices: Float32Array,
  corners: Uint32Array,
  place: readonly number[],
): number {
  const at = (corner: number, axis: number) => vertices[corners[corner] * 3 + axis] - place[axis];
  const ax = at(0, 0), ay = at(0, 1), az = at(0, 2);
  const bx = at(1, 0), by = at(1, 1), bz = at(1, 2);
  const cx = at(2, 0), cy = at(2, 1), cz = at(2, 2);
  const a = Math.hypot(ax, ay, az), b = Math.hypot(bx, by, bz), c = Math.hypot(cx, cy, cz);
  const volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
  const ab = ax * bx + ay * by + az * bz, bc = bx * cx + by * cy + bz * cz;
  const ca = cx * ax + cy * ay + cz * az;
  return 2 * Math.atan2(volume, a * b * c + ab * c + bc * a + ca * b);
}
