/**
 * Carries a fitted body's skin weights over to a clothed mesh and brings it into the rest pose.
 * @module
 */
import {
  addVertexNormals,
  type BodyMesh,
  JOINT_NAMES,
  JOINT_PARENTS,
} from "../lib/geometry/mod.ts";
import type { Fit } from "./make_people_fit.ts";
import type { SourcePerson } from "./make_people_source.ts";
import { chooseParts, PART_COUNT, partOfJoint, touch } from "./make_people_segments.ts";
import { PointGrid } from "./point_grid.ts";
import { product, rotation } from "./rotations.ts";

/** Joints that move a vertex at most. */
export const INFLUENCES = 4;

/** The part that the head is. */
export const HEAD = partOfJoint[JOINT_NAMES.indexOf("head")];

/** A mesh that can be posed. */
export interface Rig {
  /** Rest places in the T-pose of the body of this shape, metres, [V*3]. */
  readonly rest: Float32Array;
  /** [V*4] */
  readonly joints: Uint8Array;
  /** [V*4]; each vertex's sum to 1. */
  readonly weights: Float32Array;
  readonly shape: Float32Array;
  /** Part of each vertex, [V]. */
  readonly parts: Uint8Array;
  /** Where the head's joint is at rest. */
  readonly headJoint: readonly number[];
  /** Faces that the rest pose does not tear, and how many it does. */
  readonly keptFaces: Uint32Array;
  readonly torn: number;
}

/** What is farther from a part than this is as far as can be; and what facing away counts, metres. */
const FAR = 0.12;
const AWAY = 0.05;
/** Pieces of a mesh up to this size are moved as one, metres. */
const SMALL = 0.3;
/** Rounds of smoothing the weights over the mesh. */
const SMOOTHING = 12;
/** An edge this many times longer at rest than in the source is torn, if it grew by so much, metres. */
const TORN = { times: 3, by: 0.03 };

/** Rigs a person by a fit. */
export function rigPerson(body: BodyMesh, source: SourcePerson, fit: Fit): Rig {
  const vertices = source.vertices.map((value) => value / fit.size);
  const welded = weld(vertices);
  const links = neighbours(welded, source.faces);
  const normals = new Float32Array(vertices.length);
  addVertexNormals(normals, Float32Array.from(vertices), source.faces.map((v) => welded[v]));
  const own = carried(body, fit, { vertices, normals, links });
  const blended = smoothed(own.dense, links, SMOOTHING);
  const dense = shared(onlyTouching(blended, own.parts), welded);
  const { joints, weights } = strongest(dense);
  const rest = unposed(body, fit, { vertices, joints, weights });
  const count = source.faces.length / 3;
  const keptFaces = Uint32Array.from({ length: count }, (_, face) => face)
    .filter((face) => !isTorn(source.faces.subarray(face * 3, face * 3 + 3), vertices, rest));
  const head = JOINT_NAMES.indexOf("head") * 3;
  const restJoints = body.poseJoints({ pose: new Float32Array(72), shape: fit.shape });
  return {
    rest,
    joints,
    weights,
    shape: fit.shape,
    parts: Uint8Array.from(welded, (first) => own.parts[first]),
    headJoint: [...restJoints.subarray(head, head + 3)],
    keptFaces,
    torn: count - keptFaces.length,
  };
}

/** The posed body's surface, part by part. */
interface PartSurface {
  /** Numbers of the body's vertices. */
  readonly vertices: number[];
  readonly points: Float64Array;
  readonly normals: Float64Array;
  readonly grid: PointGrid;
}

function partSurfaces(body: BodyMesh, { pose, shape, translation }: Fit): PartSurface[] {
  const posed = body.pose({ pose, shape, translation }).vertices;
  const normals = addVertexNormals(new Float32Array(posed.length), posed, body.bodyFaces);
  const each = body.skinJoints.length / body.vertexCount;
  const vertices: number[][] = Array.from({ length: PART_COUNT }, () => []);
  for (const v of new Set(body.bodyFaces)) {
    let strongest = v * each;
    for (let k = v * each; k < (v + 1) * each; k++) {
      if (body.skinWeights[k] > body.skinWeights[strongest]) strongest = k;
    }
    vertices[partOfJoint[body.skinJoints[strongest]]].push(v);
  }
  return vertices.map((own) => {
    const points = Float64Array.from(own.flatMap((v) => [...posed.subarray(v * 3, v * 3 + 3)]));
    return {
      vertices: own,
      points,
      normals: Float64Array.from(own.flatMap((v) => unit(normals.subarray(v * 3, v * 3 + 3)))),
      grid: new PointGrid(points, 0.04),
    };
  });
}

/** A vertex's nearest place of a part, and what it costs to belong to it: metres, more if turned away. */
function nearestOf(
  { grid, points, normals }: PartSurface,
  at: ArrayLike<number>,
  normal: readonly number[],
): { found: number; cost: number } {
  const facing = (i: number) =>
    normal.reduce((sum, value, k) => sum + value * normals[i * 3 + k], 0) > 0.2;
  const same = grid.nearest(at, FAR, facing);
  const any = grid.nearest(at, FAR, () => true);
  const costOf = (i: number, more: number) =>
    i < 0 ? FAR + AWAY : Math.hypot(
      ...[0, 1, 2].map((k) => points[i * 3 + k] - at[k]),
    ) + more;
  const [a, b] = [costOf(same, 0), costOf(any, AWAY)];
  return a <= b ? { found: same, cost: a } : { found: any, cost: b };
}

/** Weights [V*24] of the nearest place of the part that each vertex belongs to. */
function carried(
  body: BodyMesh,
  fit: Fit,
  { vertices, normals, links }: {
    vertices: Float64Array;
    normals: Float32Array;
    links: ReadonlyMap<number, ReadonlySet<number>>;
  },
): { dense: Float32Array; parts: Uint8Array } {
  const surfaces = partSurfaces(body, fit);
  const owners = [...links.keys()];
  const places = new Map(owners.map((v, i) => [v, i]));
  const costs = new Float32Array(owners.length * PART_COUNT);
  const at = (v: number) => vertices.subarray(v * 3, v * 3 + 3);
  const facing = (v: number) => unit(normals.subarray(v * 3, v * 3 + 3));
  owners.forEach((v, i) => {
    surfaces.forEach((surface, part) => {
      costs[i * PART_COUNT + part] = nearestOf(surface, at(v), facing(v)).cost;
    });
  });
  const edges = owners.flatMap((v, i) =>
    [...links.get(v)!].flatMap((other): [number, number][] =>
      other > v ? [[i, places.get(other)!]] : []
    )
  );
  uniteSmall(costs, owners, { links, places, vertices });
  const parts = chooseParts(costs, edges);
  const each = body.skinJoints.length / body.vertexCount;
  const out = new Float32Array(vertices.length * 8);
  owners.forEach((v, i) => {
    const surface = surfaces[parts[i]];
    const near = nearestOf(surface, at(v), facing(v)).found;
    const found = near >= 0 ? near : surface.grid.nearest(at(v), 3, () => true);
    const from = surface.vertices[found] * each;
    for (let k = 0; k < each; k++) {
      out[v * 24 + body.skinJoints[from + k]] += body.skinWeights[from + k];
    }
  });
  const byVertex = new Uint8Array(vertices.length / 3);
  owners.forEach((v, i) => byVertex[v] = parts[i]);
  return { dense: out, parts: byVertex };
}

/** Hands, shoes and buttons that hang together and on nothing else belong to one part. */
function uniteSmall(
  costs: Float32Array,
  owners: readonly number[],
  { links, places, vertices }: {
    links: ReadonlyMap<number, ReadonlySet<number>>;
    places: ReadonlyMap<number, number>;
    vertices: Float64Array;
  },
): void {
  const seen = new Set<number>();
  for (const start of owners) {
    if (seen.has(start)) continue;
    const piece = [start];
    seen.add(start);
    for (let i = 0; i < piece.length; i++) {
      for (const other of links.get(piece[i])!) {
        if (!seen.has(other)) seen.add(other), piece.push(other);
      }
    }
    const extent = [0, 1, 2].map((k) => {
      const along = piece.map((v) => vertices[v * 3 + k]);
      return Math.max(...along) - Math.min(...along);
    });
    if (Math.hypot(...extent) > SMALL) continue;
    for (let part = 0; part < PART_COUNT; part++) {
      const at = (v: number) => places.get(v)! * PART_COUNT + part;
      const mean = piece.reduce((sum, v) => sum + costs[at(v)], 0) / piece.length;
      for (const v of piece) costs[at(v)] = mean;
    }
  }
}

function unit(a: ArrayLike<number>): number[] {
  const length = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}

/** The first vertex at the same place, by vertex. */
function weld(vertices: Float64Array): Uint32Array {
  const first = new Map<string, number>();
  return Uint32Array.from({ length: vertices.length / 3 }, (_, v) => {
    const key = [0, 1, 2].map((k) => Math.round(vertices[v * 3 + k] * 1e4)).join();
    if (!first.has(key)) first.set(key, v);
    return first.get(key)!;
  });
}

/** Vertices across an edge, by welded vertex. */
function neighbours(welded: Uint32Array, faces: Uint32Array): Map<number, Set<number>> {
  const links = new Map<number, Set<number>>();
  const join = (a: number, b: number) => {
    if (!links.has(a)) links.set(a, new Set());
    if (a !== b) links.get(a)!.add(b);
  };
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [0, 1, 2].map((k) => welded[faces[f + k]]);
    for (const a of corners) for (const b of corners) join(a, b);
  }
  return links;
}

/** Vertices at one place get what the first has. */
function shared(dense: Float32Array, welded: Uint32Array): Float32Array {
  welded.forEach((first, v) => {
    if (first !== v) dense.copyWithin(v * 24, first * 24, first * 24 + 24);
  });
  return dense;
}

function smoothed(
  dense: Float32Array,
  links: ReadonlyMap<number, ReadonlySet<number>>,
  rounds: number,
): Float32Array {
  let now = dense;
  for (let round = 0; round < rounds; round++) {
    const next = now.slice();
    for (const [v, others] of links) {
      if (others.size === 0) continue;
      for (let j = 0; j < 24; j++) {
        let sum = 0;
        for (const other of others) sum += now[other * 24 + j];
        next[v * 24 + j] = 0.5 * now[v * 24 + j] + 0.5 * sum / others.size;
      }
    }
    now = next;
  }
  return now;
}

/** No vertex follows a part that its own does not touch, however near that is in the source. */
function onlyTouching(dense: Float32Array, parts: Uint8Array): Float32Array {
  return dense.map((weight, i) =>
    touch(parts[Math.floor(i / 24)], partOfJoint[i % 24]) ? weight : 0
  );
}

function strongest(dense: Float32Array): { joints: Uint8Array; weights: Float32Array } {
  const count = dense.length / 24;
  const joints = new Uint8Array(count * INFLUENCES), weights = new Float32Array(count * INFLUENCES);
  for (let v = 0; v < count; v++) {
    const row = [...dense.subarray(v * 24, v * 24 + 24)].map((weight, joint) => ({ weight, joint }))
      .sort((a, b) => b.weight - a.weight).slice(0, INFLUENCES);
    const total = row.reduce((sum, { weight }) => sum + weight, 0) || 1;
    row.forEach(({ weight, joint }, k) => {
      joints[v * INFLUENCES + k] = joint;
      weights[v * INFLUENCES + k] = weight / total;
    });
  }
  return { joints, weights };
}

/**
 * Takes the pose out: each vertex by its joints' inverse transforms, blended. The inverse of the
 * blended one would throw vertices away where a joint is bent far.
 */
function unposed(
  body: BodyMesh,
  { pose, shape, translation }: Fit,
  { vertices, joints, weights }: { vertices: Float64Array; joints: Uint8Array; weights: Float32Array },
): Float32Array {
  const transforms = jointTransforms(body, { pose, shape, translation });
  const rest = new Float32Array(vertices.length);
  for (let v = 0; v < vertices.length / 3; v++) {
    for (let k = 0; k < INFLUENCES; k++) {
      const weight = weights[v * INFLUENCES + k], joint = joints[v * INFLUENCES + k];
      const m = transforms.subarray(joint * 12, joint * 12 + 12);
      for (let c = 0; c < 3; c++) {
        for (let r = 0; r < 3; r++) {
          rest[v * 3 + c] += weight * m[r * 4 + c] * (vertices[v * 3 + r] - m[r * 4 + 3]);
        }
      }
    }
  }
  return rest;
}

function jointTransforms(
  body: BodyMesh,
  input: { pose: Float32Array; shape: Float32Array; translation: readonly number[] },
): Float64Array {
  const { shape } = input;
  const rest = body.poseJoints({ pose: new Float32Array(72), shape });
  const posed = body.poseJoints(input);
  const out = new Float64Array(24 * 12), turns: ArrayLike<number>[] = [];
  for (let j = 0; j < 24; j++) {
    const [x, y, z] = input.pose.subarray(j * 3, j * 3 + 3);
    const own = rotation(x, y, z);
    const parent = JOINT_PARENTS[j];
    turns.push(parent < 0 ? own : product(turns[parent], own));
    for (let r = 0; r < 3; r++) {
      let shift = posed[j * 3 + r];
      for (let c = 0; c < 3; c++) {
        out[j * 12 + r * 4 + c] = turns[j][r * 3 + c];
        shift -= turns[j][r * 3 + c] * rest[j * 3 + c];
      }
      out[j * 12 + r * 4 + 3] = shift;
    }
  }
  return out;
}

function isTorn(corners: Uint32Array, before: Float64Array, after: Float32Array): boolean {
  return [[0, 1], [1, 2], [2, 0]].some(([i, j]) => {
    const [a, b] = [corners[i] * 3, corners[j] * 3];
    const length = (all: ArrayLike<number>) =>
      Math.hypot(all[a] - all[b], all[a + 1] - all[b + 1], all[a + 2] - all[b + 2]);
    const [was, is] = [length(before), length(after)];
    return is > TORN.times * was && is > was + TORN.by;
  });
}
