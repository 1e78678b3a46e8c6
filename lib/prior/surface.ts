/**
 * What of a body is drawn, and which of its vertices are each other's mirror image.
 * @module
 */
import { addVertexNormals, type BodyMesh, type BodyPose, type Camera } from "../geometry/mod.ts";
import type { Dress } from "./dress.ts";
import { NearestPoint } from "./nearest.ts";

/** The outside of a body. */
export interface OuterSurface {
  /** [F·3] corners. */
  readonly faces: Uint32Array;
  /** The vertices that they use, each once. */
  readonly vertices: Uint32Array;
  /** [V] the vertex on the other side of the body, −1 where there is none. */
  readonly mirror: Int32Array;
}

/** Left and right of a body differ by less than this, metres. */
const SYMMETRIC = 0.012;

const surfaces = new WeakMap<BodyMesh, Map<string, OuterSurface>>();

/** The outside of a dressed body, found once. */
export function outerSurface(body: BodyMesh, { shells }: Dress): OuterSurface {
  const known = surfaces.get(body) ?? new Map<string, OuterSurface>();
  surfaces.set(body, known);
  const surface = known.get(shells.join()) ?? findSurface(body, shells);
  known.set(shells.join(), surface);
  return surface;
}

function findSurface(body: BodyMesh, worn: readonly string[]): OuterSurface {
  const inside = body.partNames.indexOf("inside");
  const shells = ["body", "eyes", ...worn].map((name) => body.shellNames.indexOf(name));
  const faces = body.faces.filter((_, i) => {
    const face = Math.floor(i / 3);
    return shells.includes(body.faceShells[face]) && body.faceParts[face] !== inside;
  });
  const vertices = Uint32Array.from(new Set(faces));
  return { faces, vertices, mirror: mirrorImages(body.template, vertices) };
}

function mirrorImages(template: Float32Array, vertices: Uint32Array): Int32Array {
  const points = new Float32Array(vertices.length * 3);
  vertices.forEach((v, i) => points.set(template.subarray(v * 3, v * 3 + 3), i * 3));
  const tree = new NearestPoint(points);
  const mirror = new Int32Array(template.length / 3).fill(-1);
  for (const v of vertices) {
    const { index, squared } = tree.find(
      -template[v * 3],
      template[v * 3 + 1],
      template[v * 3 + 2],
    );
    if (squared < SYMMETRIC ** 2) mirror[v] = vertices[index];
  }
  return mirror;
}

/** The joint that moves a vertex most. */
export function jointOf({ skinJoints, skinWeights, vertexCount }: BodyMesh, v: number): number {
  const each = skinJoints.length / vertexCount;
  let most = v * each;
  for (let k = most + 1; k < (v + 1) * each; k++) if (skinWeights[k] > skinWeights[most]) most = k;
  return skinJoints[most];
}

/** A body in a pose: vertices and unit normals in the world, [V·3] each. */
export interface PosedSurface {
  readonly vertices: Float32Array;
  readonly normals: Float32Array;
}

/** Poses a body and moves its vertices outwards by `offsets` [V], metres. */
export function poseSurface(
  body: BodyMesh,
  pose: BodyPose,
  { faces, offsets }: { readonly faces: Uint32Array; readonly offsets?: Float32Array },
): PosedSurface {
  const { vertices } = body.pose(pose);
  const normals = unitNormals(vertices, faces);
  if (!offsets) return { vertices, normals };
  for (let v = 0; v < offsets.length; v++) {
    const by = offsets[v];
    if (by === 0) continue;
    vertices[v * 3] += by * normals[v * 3];
    vertices[v * 3 + 1] += by * normals[v * 3 + 1];
    vertices[v * 3 + 2] += by * normals[v * 3 + 2];
  }
  return { vertices, normals };
}

/** Rounds in which each normal takes its neighbours' in. */
const ROUNDS = 6;

/** Unit normals [V·3] as of clothes, which hang from a body and do not show each muscle. */
export function softNormals(normals: Float32Array, faces: Uint32Array): Float32Array {
  let from = normals;
  for (let round = 0; round < ROUNDS; round++) {
    const sums = from.slice();
    for (let f = 0; f < faces.length; f += 3) {
      const a = faces[f] * 3, b = faces[f + 1] * 3, c = faces[f + 2] * 3;
      for (let k = 0; k < 3; k++) {
        sums[a + k] += from[b + k];
        sums[b + k] += from[c + k];
        sums[c + k] += from[a + k];
      }
    }
    from = scaledToUnit(sums);
  }
  return from;
}

/** Normals [V·3] of the length 1; 0 for vertices without faces. */
export function unitNormals(vertices: Float32Array, faces: Uint32Array): Float32Array {
  return scaledToUnit(addVertexNormals(new Float32Array(vertices.length), vertices, faces));
}

function scaledToUnit(normals: Float32Array): Float32Array {
  for (let i = 0; i < normals.length; i += 3) {
    const x = normals[i], y = normals[i + 1], z = normals[i + 2];
    const scale = 1 / (Math.sqrt(x * x + y * y + z * z) || 1);
    normals[i] *= scale;
    normals[i + 1] *= scale;
    normals[i + 2] *= scale;
  }
  return normals;
}

/** Pixels a metre takes in the picture at the mean depth of some vertices. */
export function scaleAt(vertices: Float32Array, some: Uint32Array, camera: Camera): number {
  const { rotation: r, translation: t } = camera;
  let sum = 0;
  for (const v of some) {
    sum += r[6] * vertices[v * 3] + r[7] * vertices[v * 3 + 1] + r[8] * vertices[v * 3 + 2] + t[2];
  }
  return camera.fx / Math.max(0.05, sum / some.length);
}
