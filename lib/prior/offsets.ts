/**
 * How far clothes and hair stand off the body, from the outline of the mask: where the surface turns
 * away from the camera, the mask's edge says it; from there it is spread smoothly over the body, all
 * around and to the other side (SMPL+D: Alldieck et al. 2018, with one view in place of many).
 * @module
 */
import {
  cameraCentre,
  conjugateGradients,
  projectPoints,
  rasterise,
  rasterTarget,
} from "../geometry/mod.ts";
import type { MaskedBody } from "./dress.ts";
import { INSIDE, type PersonMask } from "./picture.ts";
import type { OuterSurface, PosedSurface } from "./surface.ts";

/** Largest |cosine| between a normal and the way to the camera at which a vertex lies on the outline. */
const GRAZING = 0.4;
/** Farthest that the mask's edge is looked for outside and inside the body, metres. */
const REACH = { out: 0.1, in: 0.03 };
/** Pixels between two looks at the mask. */
const STEP = 0.25;
/** The body's own outline is looked for so many pixels inside a vertex and outside. */
const OWN_EDGE = { in: 2, out: 2 };

/** Weights of the fit; areas are in cm². */
const FIT = {
  /** Smoothness: a difference between neighbours; its root is a length in cm. */
  smooth: 60,
  /** Against {@linkcode FIT.usual} where nothing is measured. */
  pull: 0.002,
  /** Left and right alike. */
  mirrored: 0.3,
  /** What is believed without a measurement, metres. */
  usual: 0.004,
  rounds: 80,
};

/** What {@linkcode fitOffsets} compares. */
export interface Outline extends MaskedBody {
  readonly surface: OuterSurface;
  readonly posed: PosedSurface;
  readonly keep?: Float32Array;
}

/** Metres [V] that bring the body's outline to the mask's. */
export function fitOffsets(outline: Outline): Float32Array {
  const measured = measureOutline(outline);
  return spread(outline, measured);
}

/** Offsets [V] of vertices on the outline; NaN elsewhere. */
function measureOutline({ camera, mask, surface, posed, keep }: Outline): Float32Array {
  const target = rasterTarget(mask.width, mask.height);
  rasterise(target, camera, { vertices: posed.vertices, faces: surface.faces, keep });
  const body = { ...mask, data: Uint8Array.from(target.face, (face) => face < 0 ? 0 : 255) };
  const offsets = new Float32Array(posed.vertices.length / 3).fill(NaN);
  for (const ray of grazing({ camera, surface, posed, keep })) {
    const own = edgeAlong(body, ray, {
      from: -OWN_EDGE.in,
      to: OWN_EDGE.out + REACH.in * ray.pixels,
    });
    if (own === undefined) continue;
    const [least, most] = [own - REACH.in * ray.pixels, own + REACH.out * ray.pixels];
    // Where more of the body follows, the mask's edge behind the gap is that part's.
    const next = startAlong(body, ray, { from: own + 2 * STEP, to: most });
    const edge = edgeAlong(mask, ray, { from: least, to: next ?? most });
    if (edge !== undefined) offsets[ray.v] = (edge - own) / ray.pixels;
  }
  return offsets;
}

type Way = Pick<Grazing, "u" | "w" | "du" | "dw">;
type Range = { readonly from: number; readonly to: number };

/** How many pixels along the way the mask ends; undefined where it does not, or begins outside. */
function edgeAlong(mask: PersonMask, way: Way, { from, to }: Range): number | undefined {
  if (!(shareAlong(mask, way, from) >= 0.5)) return undefined;
  let before = 1;
  for (let t = from + STEP; t <= to; t += STEP) {
    const share = shareAlong(mask, way, t);
    if (Number.isNaN(share)) return undefined;
    if (share < 0.5) return t - STEP * (0.5 - share) / Math.max(1e-6, before - share);
    before = share;
  }
  return undefined;
}

/** How many pixels along the way the mask begins. */
function startAlong(mask: PersonMask, way: Way, { from, to }: Range): number | undefined {
  for (let t = from; t <= to; t += STEP) if (shareAlong(mask, way, t) >= 0.5) return t;
  return undefined;
}

/** The mask between its pixels, 0..1; NaN beyond the picture. */
function shareAlong({ width, height, data }: PersonMask, { u, w, du, dw }: Way, t: number): number {
  const x = u + du * t - 0.5, y = w + dw * t - 0.5;
  const left = Math.floor(x), top = Math.floor(y);
  if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) return NaN;
  const fx = x - left, fy = y - top, at = top * width + left;
  const is = (place: number) => data[place] >= INSIDE ? 1 : 0;
  return (is(at) * (1 - fx) + is(at + 1) * fx) * (1 - fy) +
    (is(at + width) * (1 - fx) + is(at + width + 1) * fx) * fy;
}

interface Grazing {
  readonly v: number;
  /** Where it is in the picture. */
  readonly u: number;
  readonly w: number;
  /** The way that its normal takes in the picture, one pixel long. */
  readonly du: number;
  readonly dw: number;
  /** Pixels that a metre along its normal takes. */
  readonly pixels: number;
}

/** Vertices whose normals lie across the line of sight. */
function* grazing(
  { camera, surface, posed, keep }: Pick<Outline, "camera" | "surface" | "posed" | "keep">,
): Generator<Grazing> {
  const { vertices, normals } = posed;
  const far = 0.01;
  const { uv, depth } = projectPoints(camera, vertices);
  const { uv: tips } = projectPoints(camera, vertices.map((x, i) => x + far * normals[i]));
  const [x, y, z] = cameraCentre(camera);
  for (const v of surface.vertices) {
    if (depth[v] <= 0 || (keep && keep[v] < 0)) continue;
    const dx = x - vertices[v * 3], dy = y - vertices[v * 3 + 1], dz = z - vertices[v * 3 + 2];
    const dot = dx * normals[v * 3] + dy * normals[v * 3 + 1] + dz * normals[v * 3 + 2];
    if (Math.abs(dot) > GRAZING * Math.hypot(dx, dy, dz)) continue;
    const du = tips[v * 2] - uv[v * 2], dw = tips[v * 2 + 1] - uv[v * 2 + 1];
    const length = Math.hypot(du, dw) || 1;
    yield {
      ...{ v, u: uv[v * 2], w: uv[v * 2 + 1], du: du / length, dw: dw / length },
      pixels: length / far,
    };
  }
}

/** The smoothest offsets that keep to those measured: conjugate gradients on the normal equations. */
function spread({ surface, posed, body }: Outline, measured: Float32Array): Float32Array {
  const { faces, vertices, mirror } = surface;
  const areas = vertexAreas(posed.vertices, faces);
  const edges = edgesOf(faces);
  const diagonal = new Float64Array(body.vertexCount), right = new Float64Array(body.vertexCount);
  for (const v of vertices) {
    const known = Number.isNaN(measured[v]) ? 0 : areas[v];
    diagonal[v] = known + FIT.pull * areas[v];
    right[v] = (known ? known * measured[v] : 0) + FIT.pull * areas[v] * FIT.usual;
  }
  const times = (x: Float64Array): Float64Array => {
    const out = new Float64Array(x.length);
    for (const v of vertices) {
      out[v] += diagonal[v] * x[v];
      const other = mirror[v];
      if (other < 0 || other === v) continue;
      const pull = FIT.mirrored * areas[v] * (x[v] - x[other]);
      out[v] += pull;
      out[other] -= pull;
    }
    for (let e = 0; e < edges.length; e += 2) {
      const pull = FIT.smooth * (x[edges[e]] - x[edges[e + 1]]);
      out[edges[e]] += pull;
      out[edges[e + 1]] -= pull;
    }
    return out;
  };
  return Float32Array.from(conjugateGradients(times, right, { rounds: FIT.rounds }));
}

/** A third of each face to its corners, cm². */
function vertexAreas(vertices: Float32Array, faces: Uint32Array): Float64Array {
  const areas = new Float64Array(vertices.length / 3);
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [faces[f] * 3, faces[f + 1] * 3, faces[f + 2] * 3];
    const u = [0, 1, 2].map((k) => vertices[b + k] - vertices[a + k]);
    const v = [0, 1, 2].map((k) => vertices[c + k] - vertices[a + k]);
    const area = 1e4 / 6 *
      Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
    for (const corner of [a, b, c]) areas[corner / 3] += area;
  }
  return areas;
}

/** Pairs of neighbours, those of two faces twice. */
function edgesOf(faces: Uint32Array): Uint32Array {
  const edges = new Uint32Array(faces.length * 2);
  for (let f = 0; f < faces.length; f += 3) {
    edges.set([faces[f], faces[f + 1], faces[f + 1], faces[f + 2], faces[f + 2], faces[f]], f * 2);
  }
  return edges;
}
