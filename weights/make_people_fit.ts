/**
 * Fits the body to a clothed mesh: from joints set by hand, then by iterated closest points
 * (Levenberg and Marquardt over pose, shape, place and size).
 * @module
 */
import {
  addVertexNormals,
  type BodyMesh,
  JOINT_NAMES,
  JOINT_PARENTS,
  type JointName,
  matrixToAxisAngle,
} from "../lib/geometry/mod.ts";
import { solve } from "./least_squares.ts";
import { product, rotation } from "./rotations.ts";
import { type Surface, surfaceOf } from "./make_people_surface.ts";
import type { SourcePerson } from "./make_people_source.ts";

/** Centimetres of joints. */
export type Landmarks = Readonly<Partial<Record<JointName, readonly number[]>>>;

/** A fitted body: the mesh is `size` times the body of this pose, shape and place. */
export interface Fit {
  readonly pose: Float32Array;
  readonly shape: Float32Array;
  readonly translation: [number, number, number];
  readonly size: number;
  /** Root mean square of the distances that counted, metres. */
  readonly error: number;
}

// Parameters: 22 joints × 3, 10 of the shape, 3 of the place, logarithm of the size.
const JOINTS = 22;
const SHAPE = JOINTS * 3, PLACE = SHAPE + 10, SIZE = PLACE + 3, COUNT = SIZE + 1;
const DEGREE = Math.PI / 180;

/** Standard deviations of the joints' turns about x, y and z, degrees; hinges bend about one axis. */
const FREE: readonly (readonly [RegExp, readonly [number, number, number]])[] = [
  [/pelvis/, [1e3, 1e3, 1e3]],
  [/spine/, [20, 12, 12]],
  [/neck|head/, [20, 25, 15]],
  [/hip/, [80, 35, 50]],
  [/knee/, [90, 8, 6]],
  [/ankle/, [25, 15, 15]],
  [/foot/, [5, 3, 3]],
  [/collar/, [8, 14, 14]],
  [/shoulder/, [60, 80, 80]],
  [/elbow/, [30, 90, 10]],
  [/wrist/, [20, 20, 25]],
];

/** Metres: of joints set by hand, at first and later; of distances between the surfaces. */
const LANDMARK = [0.02, 0.06];
const SURFACE = 0.008;
/** Farther than this a point has no partner, metres, at first and later. */
const REACH = [0.1, 0.05];
/** How much less a body inside its clothes is drawn to them than one outside. */
const INSIDE = 0.5;
const ROUNDS = 24;
const SAMPLES = 900;
/** Distance of the knuckles from the middle in the rest pose, metres. */
const PALM = 0.75;

/** The part of the body that is compared. */
interface Model {
  readonly body: BodyMesh;
  readonly joints: Float64Array;
  readonly jointShapes: Float64Array[];
  /** Numbers of the compared vertices. */
  readonly sample: Uint32Array;
  readonly rest: Float64Array;
  readonly shapes: Float64Array[];
}

/** Fits; `onRound` hears how far it is. */
export function fitBody(body: BodyMesh, person: SourcePerson, landmarks: Landmarks): Fit {
  const model = modelOf(body);
  const target = surfaceOf(person);
  let p = startFrom(model, landmarks);
  for (let i = 0; i < 25; i++) p = step(model, p, landmarks, LANDMARK[0], []);
  let error = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const t = Math.min(1, round / (ROUNDS * 0.6));
    const pairs = findPairs(model, p, target, REACH[0] + (REACH[1] - REACH[0]) * t);
    error = Math.sqrt(pairs.reduce((sum, { gap }) => sum + gap * gap, 0) / (pairs.length || 1));
    const spread = LANDMARK[0] + (LANDMARK[1] - LANDMARK[0]) * t;
    for (let i = 0; i < 2; i++) p = step(model, p, landmarks, spread, pairs);
  }
  return { ...poseOf(p), size: Math.exp(p[SIZE]), error };
}

function poseOf(p: Float64Array): Omit<Fit, "size" | "error"> {
  const pose = new Float32Array(72);
  pose.set(p.subarray(0, SHAPE));
  return {
    pose,
    shape: Float32Array.from(p.subarray(SHAPE, PLACE)),
    translation: [p[PLACE], p[PLACE + 1], p[PLACE + 2]],
  };
}

function modelOf(body: BodyMesh): Model {
  const zero = new Float32Array(72);
  const used = [...new Set(body.bodyFaces)];
  // Fingers are left out: the source's are bent.
  const compared = used.filter((v) => Math.abs(body.template[v * 3]) < PALM);
  const stride = Math.max(1, Math.floor(compared.length / SAMPLES));
  const sample = Uint32Array.from(compared.filter((_, i) => i % stride === 0));
  const pick = (all: ArrayLike<number>) =>
    Float64Array.from({ length: sample.length * 3 }, (_, i) =>
      all[sample[Math.floor(i / 3)] * 3 + i % 3]);
  const rest = body.pose({ pose: zero });
  const units = Array.from({ length: 10 }, (_, s) => {
    const shape = new Float32Array(10);
    shape[s] = 1;
    return body.pose({ pose: zero, shape });
  });
  const minus = (a: Float64Array, b: ArrayLike<number>) => a.map((value, i) => value - b[i]);
  return {
    body,
    sample,
    rest: pick(rest.vertices),
    joints: Float64Array.from(rest.joints),
    shapes: units.map(({ vertices }) => minus(pick(vertices), pick(rest.vertices))),
    jointShapes: units.map(({ joints }) => minus(Float64Array.from(joints), rest.joints)),
  };
}

/** Places of joints [72] and compared vertices. */
function place(model: Model, p: Float64Array): { joints: Float64Array; vertices: Float64Array } {
  const { body, sample } = model;
  const rest = model.joints.slice(), points = model.rest.slice();
  for (let s = 0; s < 10; s++) {
    const by = p[SHAPE + s];
    for (let i = 0; i < rest.length; i++) rest[i] += by * model.jointShapes[s][i];
    for (let i = 0; i < points.length; i++) points[i] += by * model.shapes[s][i];
  }
  const size = Math.exp(p[SIZE]);
  const turns = new Float64Array(24 * 9), joints = new Float64Array(72);
  for (let j = 0; j < 24; j++) {
    const own = j < JOINTS ? rotation(p[j * 3], p[j * 3 + 1], p[j * 3 + 2]) : rotation(0, 0, 0);
    const parent = JOINT_PARENTS[j];
    for (let r = 0; r < 3; r++) {
      if (parent < 0) {
        joints[r] = rest[r] + p[PLACE + r];
        for (let c = 0; c < 3; c++) turns[r * 3 + c] = own[r * 3 + c];
        continue;
      }
      let at = joints[parent * 3 + r];
      for (let k = 0; k < 3; k++) {
        const turn = turns[parent * 9 + r * 3 + k];
        at += turn * (rest[j * 3 + k] - rest[parent * 3 + k]);
        for (let c = 0; c < 3; c++) turns[j * 9 + r * 3 + c] += turn * own[k * 3 + c];
      }
      joints[j * 3 + r] = at;
    }
  }
  const vertices = new Float64Array(points.length);
  const each = body.skinJoints.length / body.vertexCount;
  for (let i = 0; i < sample.length; i++) {
    for (let k = sample[i] * each; k < (sample[i] + 1) * each; k++) {
      const weight = body.skinWeights[k];
      if (weight === 0) continue;
      const j = body.skinJoints[k];
      for (let r = 0; r < 3; r++) {
        let at = joints[j * 3 + r];
        for (let c = 0; c < 3; c++) {
          at += turns[j * 9 + r * 3 + c] * (points[i * 3 + c] - rest[j * 3 + c]);
        }
        vertices[i * 3 + r] += weight * at * size;
      }
    }
  }
  return { joints: joints.map((value) => value * size), vertices };
}

/** A compared vertex and the plane of its partner. */
interface Pair {
  readonly index: number;
  readonly at: readonly number[];
  readonly normal: readonly number[];
  readonly weight: number;
  readonly gap: number;
}

/** One step of Levenberg and Marquardt; Jacobian by differences. */
function step(
  model: Model,
  p: Float64Array,
  landmarks: Landmarks,
  spread: number,
  pairs: readonly Pair[],
): Float64Array {
  const named = Object.entries(landmarks) as [JointName, readonly number[]][];
  const residuals = (q: Float64Array): Float64Array => {
    const { joints, vertices } = place(model, q);
    const out = new Float64Array(named.length * 3 + pairs.length + COUNT);
    let at = 0;
    for (const [name, centimetres] of named) {
      const joint = JOINT_NAMES.indexOf(name) * 3;
      for (let k = 0; k < 3; k++) out[at++] = (joints[joint + k] - centimetres[k] / 100) / spread;
    }
    for (const { index, at: [x, y, z], normal: [a, b, c], weight } of pairs) {
      const i = index * 3;
      const gap = a * (vertices[i] - x) + b * (vertices[i + 1] - y) + c * (vertices[i + 2] - z);
      out[at++] = Math.sqrt(weight) * gap / SURFACE;
    }
    for (let k = 0; k < COUNT; k++) out[at++] = q[k] / DEVIATIONS[k];
    return out;
  };
  const base = residuals(p);
  const normal = new Float64Array(COUNT * COUNT), right = new Float64Array(COUNT);
  const columns = Array.from({ length: COUNT }, (_, k) => {
    const q = p.slice();
    q[k] += 1e-5;
    return residuals(q).map((value, i) => (value - base[i]) / 1e-5);
  });
  for (let a = 0; a < COUNT; a++) {
    for (let b = a; b < COUNT; b++) {
      let sum = 0;
      for (let i = 0; i < base.length; i++) sum += columns[a][i] * columns[b][i];
      normal[a * COUNT + b] = normal[b * COUNT + a] = sum;
    }
    for (let i = 0; i < base.length; i++) right[a] -= columns[a][i] * base[i];
  }
  const cost = (r: Float64Array) => r.reduce((sum, value) => sum + value * value, 0);
  for (let damping = 1e-3; damping < 1e6; damping *= 10) {
    const damped = normal.slice();
    for (let k = 0; k < COUNT; k++) damped[k * COUNT + k] *= 1 + damping;
    const change = solve(damped, right);
    const q = p.map((value, k) => value + change[k]);
    if (cost(residuals(q)) < cost(base)) return q;
  }
  return p;
}

const DEVIATIONS = Float64Array.from({ length: COUNT }, (_, k) => {
  if (k >= SIZE) return 0.03;
  if (k >= PLACE) return 1e3;
  if (k >= SHAPE) return 1;
  const name = JOINT_NAMES[Math.floor(k / 3)];
  return FREE.find(([pattern]) => pattern.test(name))![1][k % 3] * DEGREE;
});

function findPairs(model: Model, p: Float64Array, target: Surface, reach: number): Pair[] {
  const { body, sample } = model;
  const { pose, shape, translation } = poseOf(p);
  const { vertices } = place(model, p);
  const full = body.pose({ pose, shape, translation }).vertices;
  const normals = addVertexNormals(new Float32Array(full.length), full, body.bodyFaces);
  const pairs: Pair[] = [];
  sample.forEach((v, index) => {
    const own = [...normals.subarray(v * 3, v * 3 + 3)];
    const length = Math.hypot(...own) || 1;
    const at = vertices.subarray(index * 3, index * 3 + 3);
    const found = target.grid.nearest(at, reach, (i) =>
      own.reduce((sum, value, k) => sum + value * target.normals[i * 3 + k], 0) > 0.4 * length);
    if (found < 0) return;
    const point = [...target.points.subarray(found * 3, found * 3 + 3)];
    const normal = [...target.normals.subarray(found * 3, found * 3 + 3)];
    const gap = normal.reduce((sum, value, k) => sum + value * (at[k] - point[k]), 0);
    const robust = 1 / (1 + (gap / 0.025) ** 2);
    pairs.push({ index, at: point, normal, gap, weight: robust * (gap < 0 ? INSIDE : 1) });
  });
  return pairs;
}

/** Root by hips and shoulders; limbs along their landmarks; the rest straight. */
function startFrom(model: Model, landmarks: Landmarks): Float64Array {
  const p = new Float64Array(COUNT);
  const at = (name: JointName) => landmarks[name]!.map((value) => value / 100);
  const [lh, rh, ls, rs] = (["left_hip", "right_hip", "left_shoulder", "right_shoulder"] as const)
    .map(at);
  const up = unit(minus(mean(ls, rs), mean(lh, rh)));
  const left = unit(plus(minus(lh, rh), minus(ls, rs)));
  const ahead = unit(cross(left, up));
  const side = cross(up, ahead);
  // Columns: where x, y and z of the rest pose go.
  const root = [0, 1, 2].flatMap((k) => [side[k], up[k], ahead[k]]);
  p.set(matrixToAxisAngle(root));
  const worlds = new Map<number, number[]>();
  const limbs: [JointName, JointName][] = (["left", "right"] as const).flatMap((s) =>
    [["hip", "knee"], ["knee", "ankle"], ["shoulder", "elbow"], ["elbow", "wrist"]].map(([a, b]) =>
      [`${s}_${a}`, `${s}_${b}`] as [JointName, JointName]
    )
  );
  for (const [from, to] of limbs) {
    const [i, j] = [from, to].map((name) => JOINT_NAMES.indexOf(name));
    const above = worlds.get(JOINT_PARENTS[i]) ?? root;
    const bone = [0, 1, 2].map((k) => model.joints[j * 3 + k] - model.joints[i * 3 + k]);
    const wanted = transposed(above, minus(at(to), at(from)));
    const local = aligned(unit(bone), unit(wanted));
    p.set(matrixToAxisAngle(local), i * 3);
    worlds.set(i, product(above, local));
  }
  const hips = mean(lh, rh);
  for (let k = 0; k < 3; k++) p[PLACE + k] = hips[k] - model.joints[k];
  return p;
}

const minus = (a: readonly number[], b: readonly number[]) => a.map((value, k) => value - b[k]);
const plus = (a: readonly number[], b: readonly number[]) => a.map((value, k) => value + b[k]);
const mean = (a: readonly number[], b: readonly number[]) => a.map((value, k) => (value + b[k]) / 2);
const unit = (a: readonly number[]) => a.map((value) => value / (Math.hypot(...a) || 1));
const cross = (a: readonly number[], b: readonly number[]) =>
  [0, 1, 2].map((k) => a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);
const transposed = (m: readonly number[], v: readonly number[]) =>
  [0, 1, 2].map((c) => [0, 1, 2].reduce((sum, r) => sum + m[r * 3 + c] * v[r], 0));

/** The shortest rotation from one unit vector to another, row-major. */
function aligned(a: readonly number[], b: readonly number[]): number[] {
  const axis = cross(a, b);
  const sine = Math.hypot(...axis), cosine = a.reduce((sum, value, k) => sum + value * b[k], 0);
  const turn = sine < 1e-9 ? [0, 0, 0] : axis.map((value) => value / sine * Math.atan2(sine, cosine));
  return [...rotation(turn[0], turn[1], turn[2])];
}
