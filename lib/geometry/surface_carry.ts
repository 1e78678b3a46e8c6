/**
 * Spots of one body on another. ISA-DiT learned what lies at spot i of its own body (token i is always
 * the same place on the skin), so on another mesh spot i must be the same place of a person: the rest
 * poses are laid over each other bone by bone, and each spot goes to the nearest skin that faces the
 * same way. (Without the bones a longer forearm would shift elbows and wrists; without the facing a
 * spot of the inner thigh could land on the other leg.)
 * @module
 */

import { InputError } from "../errors.ts";
import type { BodyMesh } from "./body.ts";
import { type Point, pointOnTriangle } from "./triangle.ts";

/** Spots of a body in its rest pose. */
export interface RestSpots {
  /** The body they lie on. */
  from: BodyMesh;
  /** [N·3] metres. */
  points: Float32Array;
  /** [N] faces they lie on. */
  faces: Uint32Array;
}

/** Farther than this from the other body, in metres, a spot has no counterpart there. */
const LOST = 0.25;
/** Share of spots without counterpart that is still taken for a difference in build. */
const MAX_LOST_SHARE = 0.05;
/** On a part of a body, such as a head, spots farther than this belong to what is not there, metres. */
const PART_OF_IT = 0.06;
/** A part of a body with fewer spots tells a model nothing. */
const LEAST_SPOTS = 4;

type Vector = readonly [number, number, number];

const at = (values: ArrayLike<number>, index: number): Vector => [
  values[index * 3],
  values[index * 3 + 1],
  values[index * 3 + 2],
];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const along = (a: Vector, t: number, b: Vector): Vector => [
  a[0] + t * b[0],
  a[1] + t * b[1],
  a[2] + t * b[2],
];
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** `v` turned as the shortest turn takes the direction of `a` to that of `b`. */
function turned(v: Vector, a: Vector, b: Vector): Vector {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  if (lengths < 1e-12) return v;
  const axis = cross(a, b), sine = Math.sqrt(dot(axis, axis)) / lengths;
  const cosine = dot(a, b) / lengths;
  if (sine < 1e-9) return v;
  const k = along([0, 0, 0], 1 / (sine * lengths), axis);
  // Rodrigues
  const turn = along([v[0] * cosine, v[1] * cosine, v[2] * cosine], sine, cross(k, v));
  return along(turn, dot(k, v) * (1 - cosine), k);
}

interface Bone {
  readonly start: Vector;
  readonly way: Vector;
  readonly newStart: Vector;
  readonly newWay: Vector;
}

function bonesOf(from: BodyMesh, to: BodyMesh): Bone[] {
  return Array.from(from.parents).flatMap((parent, joint) => {
    if (parent < 0) return [];
    const start = at(from.restJoints, parent), newStart = at(to.restJoints, parent);
    return [{
      start,
      way: minus(at(from.restJoints, joint), start),
      newStart,
      newWay: minus(at(to.restJoints, joint), newStart),
    }];
  });
}

/** Where a point of the first body's rest pose would be on a body with the second's bones. */
function carryPoint(bones: readonly Bone[], point: Vector): Vector {
  let sum: Vector = [0, 0, 0], total = 0;
  for (const { start, way, newStart, newWay } of bones) {
    const beside = minus(point, start);
    const t = Math.min(1, Math.max(0, dot(beside, way) / Math.max(dot(way, way), 1e-12)));
    // Lengths change along the bone only; hands, feet and head keep their size beyond its end.
    const away = along(beside, -t, way);
    const by = 1 / (dot(away, away) + 1e-4) ** 2;
    const carried = along(along(newStart, t, newWay), 1, turned(away, way, newWay));
    sum = along(sum, by, carried);
    total += by;
  }
  return [sum[0] / total, sum[1] / total, sum[2] / total];
}

/** Numbers of some faces in the rest pose, flat: there are thousands, and each spot asks them all. */
interface Skin {
  readonly body: BodyMesh;
  readonly faces: readonly number[];
  /** [N·3] */
  readonly centres: Float64Array;
  /** [N·3] unit length. */
  readonly normals: Float64Array;
  /** [N] how far the corners are from the centre. */
  readonly radii: Float64Array;
}

function cornersOf(body: BodyMesh, face: number): [Vector, Vector, Vector] {
  const corner = (k: number) => at(body.template, body.faces[face * 3 + k]);
  return [corner(0), corner(1), corner(2)];
}

function normalOf([a, b, c]: readonly [Vector, Vector, Vector]): Vector {
  const across = cross(minus(b, a), minus(c, a));
  return along([0, 0, 0], 1 / (Math.sqrt(dot(across, across)) || 1), across);
}

function skinOf(body: BodyMesh, faces: readonly number[]): Skin {
  const centres = new Float64Array(faces.length * 3), normals = new Float64Array(faces.length * 3);
  const radii = new Float64Array(faces.length);
  faces.forEach((face, i) => {
    const corners = cornersOf(body, face);
    const [a, b, c] = corners;
    const centre = along([0, 0, 0], 1 / 3, along(along(a, 1, b), 1, c));
    centres.set(centre, i * 3);
    normals.set(normalOf(corners), i * 3);
    radii[i] = Math.max(...corners.map((corner) => Math.hypot(...minus(corner, centre))));
  });
  return { body, faces, centres, normals, radii };
}

interface Nearest extends Point {
  readonly face: number;
}

/** The nearest skin of a body that faces the same way as `normal`; face −1 where none does. */
function nearestSkin(
  { body, faces, centres, normals, radii }: Skin,
  { point, normal }: { readonly point: Vector; readonly normal: Vector },
): Nearest {
  const [x, y, z] = point, [nx, ny, nz] = normal;
  const squared = (i: number) =>
    (centres[i * 3] - x) ** 2 + (centres[i * 3 + 1] - y) ** 2 + (centres[i * 3 + 2] - z) ** 2;
  const alike = (i: number) =>
    normals[i * 3] * nx + normals[i * 3 + 1] * ny + normals[i * 3 + 2] * nz > 0;
  let best: Nearest = { face: -1, distance: Infinity, weights: [1, 0, 0] };
  const look = (i: number) => {
    const found = pointOnTriangle(point, cornersOf(body, faces[i]));
    if (found.distance < best.distance) best = { face: faces[i], ...found };
  };
  // The nearest centre is a good first guess, so that few triangles need a closer look.
  let guess = -1, least = Infinity;
  for (let i = 0; i < faces.length; i++) {
    const d = squared(i);
    if (d < least && alike(i)) [guess, least] = [i, d];
  }
  if (guess >= 0) look(guess);
  for (let i = 0; i < faces.length; i++) {
    if (squared(i) < (best.distance + radii[i]) ** 2 && alike(i)) look(i);
  }
  return best;
}

/** Where spots lie on another body. */
export interface CarriedSpots {
  readonly faces: Uint32Array;
  readonly barycentric: Float32Array;
  /** [N] 1 for a spot that the other body lacks, being a head alone; absent where it has all. */
  readonly absent?: Uint8Array;
}

/**
 * The spots on the other body's `faces`, in the same order. A body that lacks many of them is a part of
 * one, and what it lacks is told. Throws InputError when it has next to none.
 */
export function carrySpots(
  { from, points, faces }: RestSpots,
  to: BodyMesh,
  onto: readonly number[],
): CarriedSpots {
  const bones = bonesOf(from, to);
  const skin = skinOf(to, onto);
  const out = {
    faces: new Uint32Array(faces.length),
    barycentric: new Float32Array(faces.length * 3),
  };
  const distances = new Float64Array(faces.length);
  faces.forEach((face, i) => {
    const point = carryPoint(bones, at(points, i));
    const nearest = nearestSkin(skin, { point, normal: normalOf(cornersOf(from, face)) });
    distances[i] = nearest.distance;
    out.faces[i] = Math.max(0, nearest.face);
    out.barycentric.set(nearest.weights, i * 3);
  });
  const lost = distances.filter((distance) => !(distance <= LOST)).length;
  if (lost <= MAX_LOST_SHARE * faces.length) return out;
  const absent = Uint8Array.from(distances, (distance) => distance <= PART_OF_IT ? 0 : 1);
  if (absent.filter((gone) => gone === 0).length < LEAST_SPOTS) {
    throw new InputError(
      `the body has no skin near ${lost} of the model's ${faces.length} spots, expected a person ` +
        `or a head`,
    );
  }
  return { ...out, absent };
}
