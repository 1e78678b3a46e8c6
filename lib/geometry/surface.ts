/**
 * Fixed spots on the body's surface: the points that become 3D tokens.
 * @module
 */

import { InputError } from "../errors.ts";
import type { BodyMesh } from "./body.ts";
import { Random } from "./random.ts";
import { carrySpots } from "./surface_carry.ts";

/** Spots as faces and barycentric coordinates: spot i is the same place on the skin in every pose. */
export interface SurfaceSamples {
  /** [N] face of each spot, an index into the body's faces. */
  faces: Uint32Array;
  /** [N·3] weights of the face's corners, summing to 1. */
  barycentric: Float32Array;
  /** [N] 1 for a spot that this body lacks, being a head alone; absent where it has all. */
  absent?: Uint8Array;
}

/** Candidates drawn for each spot that is kept. */
const OVERSAMPLING = 8;

/** Faces of the body shell that can be seen from outside. */
function skinFaces(body: BodyMesh): number[] {
  const hidden = body.partNames.indexOf("inside");
  const faces: number[] = [];
  for (let f = 0; f < body.faceShells.length; f++) {
    if (body.faceShells[f] === 0 && body.faceParts[f] !== hidden) faces.push(f);
  }
  return faces;
}

/** Running sums of the areas of these faces in the rest pose. */
function cumulativeAreas(body: BodyMesh, faces: number[]): Float64Array {
  const sums = new Float64Array(faces.length);
  let total = 0;
  faces.forEach((face, i) => {
    const [a, b, c] = [0, 1, 2].map((k) => body.faces[face * 3 + k] * 3);
    const t = body.template;
    const ux = t[b] - t[a], uy = t[b + 1] - t[a + 1], uz = t[b + 2] - t[a + 2];
    const vx = t[c] - t[a], vy = t[c + 1] - t[a + 1], vz = t[c + 2] - t[a + 2];
    total += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx) / 2;
    sums[i] = total;
  });
  return sums;
}

/** First index whose running sum exceeds `value`. */
function find(sums: Float64Array, value: number): number {
  let low = 0, high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Spots drawn in proportion to area. */
function drawSamples(body: BodyMesh, count: number, random: Random): SurfaceSamples {
  const faces = skinFaces(body);
  const sums = cumulativeAreas(body, faces);
  const out = { faces: new Uint32Array(count), barycentric: new Float32Array(count * 3) };
  for (let i = 0; i < count; i++) {
    out.faces[i] = faces[find(sums, random.float() * sums[sums.length - 1])];
    const root = Math.sqrt(random.float()), share = random.float();
    out.barycentric.set([1 - root, root * (1 - share), root * share], i * 3);
  }
  return out;
}

/** Indices of `count` points that keep far from each other (Gonzalez 1985), the first one given. */
function farthestPoints(points: Float32Array, count: number): Uint32Array {
  const total = points.length / 3;
  const nearest = new Float64Array(total).fill(Infinity);
  const chosen = new Uint32Array(count);
  for (let i = 1; i < count; i++) {
    const last = chosen[i - 1] * 3;
    let best = 0;
    for (let p = 0; p < total; p++) {
      const dx = points[p * 3] - points[last];
      const dy = points[p * 3 + 1] - points[last + 1];
      const dz = points[p * 3 + 2] - points[last + 2];
      nearest[p] = Math.min(nearest[p], dx * dx + dy * dy + dz * dz);
      if (nearest[p] > nearest[best]) best = p;
    }
    chosen[i] = best;
  }
  return chosen;
}

/**
 * `count` spots spread evenly over the body shell: area-weighted candidates of the rest pose,
 * thinned by farthest-point sampling. The first n of them are themselves well spread. The same
 * body, count and seed give the same spots. A body with a `spotSource` gets that body's spots, carried
 * over. Throws InputError unless count is a positive integer.
 */
export function surfaceSamples(body: BodyMesh, count: number, seed = 0): SurfaceSamples {
  if (!Number.isInteger(count) || count < 1) {
    throw new InputError(`cannot take ${count} surface samples, expected a positive integer`);
  }
  const { spotSource } = body;
  if (spotSource) {
    const spots = surfaceSamples(spotSource, count, seed);
    const points = samplePoints(spotSource, spotSource.template, spots);
    return carrySpots({ from: spotSource, points, faces: spots.faces }, body, skinFaces(body));
  }
  const drawn = drawSamples(body, count * OVERSAMPLING, new Random(seed));
  const kept = farthestPoints(samplePoints(body, body.template, drawn), count);
  const out = { faces: new Uint32Array(count), barycentric: new Float32Array(count * 3) };
  kept.forEach((from, i) => {
    out.faces[i] = drawn.faces[from];
    out.barycentric.set(drawn.barycentric.subarray(from * 3, from * 3 + 3), i * 3);
  });
  return out;
}

/** Positions [N·3] of the spots on posed vertices [V·3]. */
export function samplePoints(
  body: BodyMesh,
  vertices: Float32Array,
  samples: SurfaceSamples,
): Float32Array {
  const { faces, barycentric } = samples;
  const out = new Float32Array(faces.length * 3);
  for (let i = 0; i < faces.length; i++) {
    for (let corner = 0; corner < 3; corner++) {
      const by = barycentric[i * 3 + corner];
      const vertex = body.faces[faces[i] * 3 + corner] * 3;
      for (let axis = 0; axis < 3; axis++) out[i * 3 + axis] += by * vertices[vertex + axis];
    }
  }
  return out;
}
