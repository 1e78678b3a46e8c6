/**
 * What a photograph's mask shows beside the body: wide sleeves and skirts, bags, long hair. It goes along
 * with what of the body it lies beside, as a flat piece behind that.
 * @module
 */
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  inverse,
  JOINT_COUNT,
  rasterise,
  rasterTarget,
  rotate,
  scaleCamera,
  sizeWithin,
} from "../geometry/mod.ts";
import { fitMask, INSIDE, type PersonMask } from "./picture.ts";
import { localTo, standOf } from "./stand.ts";
import type { PosedSurface } from "./surface.ts";

/** A grid of places, each carried by some joints. */
export interface Fringe {
  /** [N·4] joints that carry a place. */
  readonly joints: Uint8Array;
  /** [N·4] by how much; 1 in sum. */
  readonly weights: Float32Array;
  /** [N·4·3] from each joint in its own axes, metres. */
  readonly local: Float32Array;
  /** [J·3] the way to the picture's camera in each joint's axes. */
  readonly facing: Float32Array;
  /** [F·3] */
  readonly faces: Uint32Array;
  /** [N·2] where in the picture a place's looks lie, pixels. */
  readonly uv: Float32Array;
  /** [N] drawn where the interpolated value is ≥ 0. */
  readonly keep: Float32Array;
}

/** What a fringe is found from. */
export interface FringeView {
  readonly body: BodyMesh;
  readonly pose: BodyPose;
  /** Of the picture's size. */
  readonly camera: Camera;
  /** What is not on the head's card. */
  readonly mask: PersonMask;
  /** The dressed body. */
  readonly posed: PosedSurface;
  readonly faces: Uint32Array;
  readonly keep?: Float32Array;
}

/** Longer side of the picture in which body and mask are compared, pixels. */
const COMPARED = 512;
/** Pixels of it between two places. */
const STEP = 3;
/** Farther from the body, in metres, nothing goes along with it. */
const REACH = 0.35;
/** Metres that a fringe stands behind the body. */
const BACK = 0.02;
/** Places beside parts of the body that are farther apart at rest, metres, are not joined: limbs may part. */
const APART = 0.15;
/** Rounds in which places take on what carries their neighbours. */
const SMOOTH = 12;
/** Joints that carry a place. */
const EACH = 4;

/** The fringe of a picture; undefined where the mask does not reach beyond the body. */
export function findFringe(view: FringeView): Fringe | undefined {
  const { body, pose } = view;
  const camera = scaleCamera(view.camera, sizeWithin(view.camera, COMPARED));
  const grid = gridOf({ ...view, camera });
  if (!grid) return undefined;
  const { count, faces, places, uv, keep } = grid;
  const carried = smoothed(grid, body);
  const joints = new Uint8Array(count * EACH), weights = new Float32Array(count * EACH);
  const local = new Float32Array(count * EACH * 3);
  const stand = standOf(body, pose);
  for (let i = 0; i < count; i++) {
    const own = carried.subarray(i * JOINT_COUNT, (i + 1) * JOINT_COUNT);
    const best = [...own.keys()].sort((a, b) => own[b] - own[a]).slice(0, EACH);
    const sum = best.reduce((all, joint) => all + own[joint], 0);
    const place = places.subarray(i * 3, i * 3 + 3);
    best.forEach((joint, k) => {
      joints[i * EACH + k] = joint;
      weights[i * EACH + k] = own[joint] / sum;
      local.set(localTo(stand[joint], place), (i * EACH + k) * 3);
    });
  }
  const scale = view.camera.width / camera.width;
  const towards = camera.rotation.slice(6).map((value) => -value);
  const facing = Float32Array.from(stand.flatMap(({ turn }) => rotate(inverse(turn), towards)));
  return { joints, weights, local, facing, faces, uv: uv.map((value) => value * scale), keep };
}

/** A fringe where a pose has it. */
export function poseFringe(fringe: Fringe, body: BodyMesh, pose: BodyPose): PosedSurface {
  const { joints, weights, local, facing } = fringe;
  const stand = standOf(body, pose);
  const vertices = new Float32Array(joints.length / EACH * 3), normals = vertices.slice();
  const ways = stand.map(({ turn }, joint) =>
    rotate(turn, facing.subarray(joint * 3, joint * 3 + 3))
  );
  for (let i = 0; i < joints.length; i++) {
    if (weights[i] === 0) continue;
    const { at, turn } = stand[joints[i]];
    const place = rotate(turn, local.subarray(i * 3, i * 3 + 3));
    const to = Math.floor(i / EACH) * 3;
    if (i % EACH === 0) normals.set(ways[joints[i]], to);
    for (let c = 0; c < 3; c++) vertices[to + c] += weights[i] * (at[c] + place[c]);
  }
  return { vertices, normals };
}

interface Grid {
  readonly count: number;
  /** [N] the vertex beside each place. */
  readonly vertex: Uint32Array;
  /** [N·3] metres. */
  readonly places: Float32Array;
  readonly uv: Float32Array;
  readonly keep: Float32Array;
  readonly faces: Uint32Array;
}

function gridOf(view: FringeView): Grid | undefined {
  const { camera } = view;
  const { width, height } = camera;
  const target = rasterTarget(width, height);
  rasterise(target, camera, { ...view.posed, faces: view.faces, keep: view.keep });
  const beside: Beside = {
    ...{ camera, depth: target.depth, mask: fitMask(view.mask, camera).data },
    covered: target.face.map((face) => face < 0 ? 0 : 1),
    source: nearestCovered(target.face, camera),
    vertexAt: (pixel) => view.faces[target.face[beside.source[pixel]] * 3],
    template: view.body.template,
  };
  const { used, faces } = cellsOf(beside);
  if (faces.length === 0) return undefined;
  return {
    count: used.length,
    faces: Uint32Array.from(faces),
    vertex: Uint32Array.from(used, beside.vertexAt),
    keep: Float32Array.from(
      used,
      (pixel) => (around(beside.mask, camera, pixel) - INSIDE) / INSIDE,
    ),
    uv: Float32Array.from(used.flatMap((at) => [at % width + 0.5, Math.floor(at / width) + 0.5])),
    places: placesOf(used, beside),
  };
}

/** A body in its picture, and what is beside it. */
interface Beside {
  readonly camera: Camera;
  readonly mask: Uint8Array;
  /** [H·W] 1 where the body is. */
  readonly covered: ArrayLike<number>;
  /** [H·W] metres. */
  readonly depth: ArrayLike<number>;
  /** [H·W] the nearest pixel that shows the body. */
  readonly source: Int32Array;
  /** A vertex of the body there. */
  readonly vertexAt: (pixel: number) => number;
  /** [V·3] the body at rest. */
  readonly template: Float32Array;
}

/** Cells of which a corner lies on the person beside the body, and the pixels of their corners. */
function cellsOf(beside: Beside): { readonly used: number[]; readonly faces: number[] } {
  const { camera: { width, height }, mask, covered } = beside;
  const number = new Map<number, number>();
  const faces: number[] = [], used: number[] = [];
  const use = (pixel: number): number => {
    const known = number.get(pixel) ?? used.push(pixel) - 1;
    number.set(pixel, known);
    return known;
  };
  for (let y = 0; y + 1 < height; y += STEP) {
    const lower = Math.min(y + STEP, height - 1);
    for (let x = 0; x + 1 < width; x += STEP) {
      const right = Math.min(x + STEP, width - 1);
      const corners = [y, lower].flatMap((row) => [row * width + x, row * width + right]);
      const shown = corners.some((pixel) => mask[pixel] >= INSIDE && !covered[pixel]);
      if (!shown || !hangsTogether(corners, beside)) continue;
      const [p, q, r, s] = corners.map(use);
      faces.push(p, r, q, q, r, s);
    }
  }
  return { used, faces };
}

/** Whether all corners lie near the body, and beside one part of it. */
function hangsTogether(
  corners: readonly number[],
  { camera: { width, fx }, source, depth, vertexAt, template }: Beside,
): boolean {
  const near = corners.every((pixel) => {
    const from = source[pixel];
    const apart = Math.hypot(
      pixel % width - from % width,
      Math.floor(pixel / width) - Math.floor(from / width),
    );
    return from >= 0 && apart * depth[from] / fx <= REACH;
  });
  if (!near) return false;
  const [first, ...others] = corners.map((pixel) => vertexAt(pixel) * 3);
  return others.every((v) =>
    Math.hypot(...[0, 1, 2].map((c) => template[first + c] - template[v + c])) <= APART
  );
}

/** [N·3] where pixels lie in the world, a little behind the body beside them. */
function placesOf(pixels: readonly number[], { camera, source, depth }: Beside): Float32Array {
  const { rotation: r, translation: t, width } = camera;
  return Float32Array.from(pixels.flatMap((pixel) => {
    const z = depth[source[pixel]] + BACK;
    const seen = [
      (pixel % width + 0.5 - camera.cx) / camera.fx * z - t[0],
      (Math.floor(pixel / width) + 0.5 - camera.cy) / camera.fy * z - t[1],
      z - t[2],
    ];
    return [0, 1, 2].map((c) => r[c] * seen[0] + r[3 + c] * seen[1] + r[6 + c] * seen[2]);
  }));
}

/** The mask's mean about a pixel, as far as a place reaches: edges are finer than the grid. */
function around(
  mask: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
  at: number,
): number {
  const [x, y] = [at % width, Math.floor(at / width)];
  let [sum, many] = [0, 0];
  for (let v = Math.max(0, y - STEP + 1); v < Math.min(height, y + STEP); v++) {
    for (let u = Math.max(0, x - STEP + 1); u < Math.min(width, x + STEP); u++) {
      sum += mask[v * width + u];
      many++;
    }
  }
  return sum / many;
}

/** For each pixel the nearest one that shows the body, −1 where there is none. */
function nearestCovered(
  face: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): Int32Array {
  const source = Int32Array.from({ length: face.length }, (_, i) => face[i] >= 0 ? i : -1);
  const far = (i: number, from: number): number =>
    from < 0
      ? Infinity
      : (i % width - from % width) ** 2 + (Math.floor(i / width) - Math.floor(from / width)) ** 2;
  const take = (i: number, other: number): void => {
    if (far(i, source[other]) < far(i, source[i])) source[i] = source[other];
  };
  for (const backwards of [false, true, false, true]) {
    for (let k = 0; k < source.length; k++) {
      const i = backwards ? source.length - 1 - k : k;
      const [x, y] = [i % width, Math.floor(i / width)];
      const step = backwards ? 1 : -1;
      if (x + step >= 0 && x + step < width) take(i, i + step);
      if (y + step < 0 || y + step >= height) continue;
      for (const dx of [-1, 0, 1]) {
        if (x + dx >= 0 && x + dx < width) take(i, i + step * width + dx);
      }
    }
  }
  return source;
}

/** [N·J] how much each joint carries each place: as the body beside it, without jumps. */
function smoothed(
  { vertex, count, faces }: Grid,
  { skinJoints, skinWeights, vertexCount }: BodyMesh,
): Float32Array {
  const J = JOINT_COUNT;
  const each = skinJoints.length / vertexCount;
  let carried = new Float32Array(count * J);
  vertex.forEach((v, i) => {
    for (let k = v * each; k < (v + 1) * each; k++) {
      carried[i * J + skinJoints[k]] += skinWeights[k];
    }
  });
  for (let round = 0; round < SMOOTH; round++) {
    const sums = carried.slice();
    const many = new Float32Array(count).fill(1);
    for (let f = 0; f < faces.length; f += 3) {
      for (const [a, b] of [[0, 1], [1, 2], [2, 0]]) {
        const [p, q] = [faces[f + a], faces[f + b]];
        many[p]++;
        many[q]++;
        for (let j = 0; j < J; j++) {
          sums[p * J + j] += carried[q * J + j];
          sums[q * J + j] += carried[p * J + j];
        }
      }
    }
    carried = sums.map((value, i) => value / many[Math.floor(i / J)]);
  }
  return carried;
}
