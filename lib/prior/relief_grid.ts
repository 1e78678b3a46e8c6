/**
 * A photograph's person as a grid of places: where the body is, on the body, and beside it as far away
 * as what of the body is nearest. Where one part of the body is seen before another the grid is cut.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  rasterise,
  rasterTarget,
  scaleCamera,
} from "../geometry/mod.ts";
import { fitMask, INSIDE, type PersonMask } from "./picture.ts";
import { type PosedSurface, scaleAt } from "./surface.ts";

/** What a grid is laid over. */
export interface ReliefView {
  readonly body: BodyMesh;
  /** Of the picture's size. */
  readonly camera: Camera;
  readonly mask: PersonMask;
  /** The dressed body. */
  readonly posed: PosedSurface;
  readonly faces: Uint32Array;
  readonly keep?: Float32Array;
}

/** Places and what they lie on. */
export interface ReliefGrid {
  /** [N] the vertex of the body at each place. */
  readonly vertex: Uint32Array;
  /** [N·3] metres. */
  readonly places: Float32Array;
  /** [N·2] pixels of the picture. */
  readonly uv: Float32Array;
  /** [N] drawn where the interpolated value is ≥ 0. */
  readonly keep: Float32Array;
  /** [F·3] */
  readonly faces: Uint32Array;
}

/** Longer side of the person in the picture in which body and mask are compared, pixels. */
const COMPARED = 480;
/** Pixels of it between two places. */
const STEP = 3;
/** Farther from the body, in metres, nothing goes along with it. */
const REACH = 0.35;
/** How far what the picture's edge cuts goes on, metres. */
const BEYOND = 0.12;
/** Metres that the relief lies before the body, and beside the body behind it. */
const [LIFT, BACK] = [0.01, 0.02];
/** Places on parts of the body that are farther apart at rest, metres, are not joined: limbs may part. */
const APART = 0.15;

/** Lays a grid over a person; undefined where the mask is empty or the body not in the picture. */
export function reliefGrid(view: ReliefView): ReliefGrid | undefined {
  const part = partOf(view);
  if (!part) return undefined;
  const { camera, scale, left, top } = part;
  const { width, height } = camera;
  const target = rasterTarget(width, height);
  rasterise(target, camera, { ...view.posed, faces: view.faces, keep: view.keep });
  const source = nearestCovered(target.face, camera);
  const sheet: Sheet = {
    ...{ camera, source, depth: target.depth, mask: part.mask },
    vertexAt: (pixel) => view.faces[target.face[source[pixel]] * 3],
    template: view.body.template,
  };
  const { nodes, faces } = cellsOf(sheet);
  if (faces.length === 0) return undefined;
  return {
    faces: Uint32Array.from(faces),
    vertex: Uint32Array.from(nodes, ({ from }) => sheet.vertexAt(from)),
    keep: Float32Array.from(
      nodes,
      ({ pixel, borrowed }) => borrowed ? -1 : around(part.mask, camera, pixel) / INSIDE - 1,
    ),
    uv: Float32Array.from(nodes.flatMap(({ pixel }) => [
      (pixel % width + 0.5) / scale + left,
      (Math.floor(pixel / width) + 0.5) / scale + top,
    ])),
    places: placesOf(nodes, sheet),
  };
}

interface Part {
  /** Of the part of the picture that shows the person. */
  readonly camera: Camera;
  /** [H·W] of the camera's size. */
  readonly mask: Uint8Array;
  /** Its pixels a pixel of the picture. */
  readonly scale: number;
  /** Where it begins, pixels of the picture. */
  readonly left: number;
  readonly top: number;
}

/** What the picture's edge cuts goes on beyond it as it is at the edge. */
function partOf({ mask, camera, posed }: ReliefView): Part | undefined {
  const full = fitMask(mask, camera);
  let [left, right, top, bottom] = [camera.width, -1, camera.height, -1];
  full.data.forEach((value, i) => {
    if (value < INSIDE) return;
    const [x, y] = [i % camera.width, Math.floor(i / camera.width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) return undefined;
  const scale = Math.min(1, COMPARED / Math.max(right - left + 1, bottom - top + 1));
  const border = Math.ceil(2 * STEP / scale);
  const all = Uint32Array.from({ length: posed.vertices.length / 3 }, (_, i) => i);
  const beyond = Math.round(BEYOND * scaleAt(posed.vertices, all, camera));
  const edge = (at: number, end: number) => at === end ? beyond : border;
  [left, right] = [left - edge(left, 0), right + edge(right, camera.width - 1)];
  [top, bottom] = [top - edge(top, 0), bottom + edge(bottom, camera.height - 1)];
  const cut = { width: right - left + 1, height: bottom - top + 1 };
  const data = new Uint8Array(cut.width * cut.height);
  for (let y = 0; y < cut.height; y++) {
    const row = Math.max(0, Math.min(camera.height - 1, y + top)) * camera.width;
    for (let x = 0; x < cut.width; x++) {
      data[y * cut.width + x] = full.data[row + Math.max(0, Math.min(camera.width - 1, x + left))];
    }
  }
  const size = {
    width: Math.max(2, Math.round(cut.width * scale)),
    height: Math.max(2, Math.round(cut.height * scale)),
  };
  const own = { ...camera, ...cut, cx: camera.cx - left, cy: camera.cy - top };
  return {
    ...{ left, top, scale: size.width / cut.width },
    camera: scaleCamera(own, size),
    mask: fitMask({ ...cut, data }, size).data,
  };
}

/** A body in its picture, and the person's mask. */
interface Sheet {
  readonly camera: Camera;
  readonly mask: Uint8Array;
  /** [H·W] metres. */
  readonly depth: ArrayLike<number>;
  /** [H·W] the nearest pixel that shows the body. */
  readonly source: Int32Array;
  /** A vertex of the body there. */
  readonly vertexAt: (pixel: number) => number;
  /** [V·3] the body at rest. */
  readonly template: Float32Array;
}

interface Node {
  readonly pixel: number;
  /** The pixel of which it takes depth and vertex. */
  readonly from: number;
  /** It is only there for the grid to reach up to where it is cut. */
  readonly borrowed: boolean;
}

function cellsOf(sheet: Sheet): { readonly nodes: Node[]; readonly faces: number[] } {
  const { camera: { width, height }, mask } = sheet;
  const number = new Map<number, number>();
  const faces: number[] = [], nodes: Node[] = [];
  const use = (pixel: number, from: number): number => {
    const key = pixel * mask.length + from;
    let known = number.get(key);
    if (known === undefined) {
      known = nodes.push({ pixel, from, borrowed: pixel !== from }) - 1;
      number.set(key, known);
    }
    return known;
  };
  for (let y = 0; y + 1 < height; y += STEP) {
    const lower = Math.min(y + STEP, height - 1);
    for (let x = 0; x + 1 < width; x += STEP) {
      const right = Math.min(x + STEP, width - 1);
      const corners = [y, lower].flatMap((row) => [row * width + x, row * width + right]);
      const some = corners.filter((pixel) => isNear(pixel, sheet));
      if (some.length === 0 || !corners.some((pixel) => around(mask, sheet.camera, pixel) > 0)) {
        continue;
      }
      for (const together of clusters(some, sheet)) {
        const [p, q, r, s] = corners.map((pixel) =>
          use(pixel, together.includes(pixel) ? pixel : together[0])
        );
        faces.push(p, r, q, q, r, s);
      }
    }
  }
  return { nodes, faces };
}

/** Whether a pixel shows the body, or what may go along with it. */
function isNear(pixel: number, { source, depth, camera: { width, fx } }: Sheet): boolean {
  const from = source[pixel];
  if (from < 0) return false;
  const apart = Math.hypot(
    pixel % width - from % width,
    Math.floor(pixel / width) - Math.floor(from / width),
  );
  return apart * depth[from] / fx <= REACH;
}

/** Corners by the part of the body that they lie on. */
function clusters(corners: readonly number[], { vertexAt, template }: Sheet): number[][] {
  const found: number[][] = [];
  const apart = (a: number, b: number) => {
    const [p, q] = [vertexAt(a) * 3, vertexAt(b) * 3];
    return Math.hypot(...[0, 1, 2].map((c) => template[p + c] - template[q + c]));
  };
  for (const corner of corners) {
    const own = found.find(([first]) => apart(first, corner) <= APART);
    if (own) own.push(corner);
    else found.push([corner]);
  }
  return found;
}

/** [N·3] where nodes lie in the world. */
function placesOf(nodes: readonly Node[], { camera, source, depth }: Sheet): Float32Array {
  const { rotation: r, translation: t, width } = camera;
  return Float32Array.from(nodes.flatMap(({ pixel, from }) => {
    const z = depth[source[from]] + (source[from] === from ? -LIFT : BACK);
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
  const squared = Float64Array.from(source, (from) => from < 0 ? Infinity : 0);
  const take = (x: number, y: number, other: number): void => {
    const from = source[other];
    if (from < 0) return;
    const row = Math.floor(from / width);
    const apart = (x - (from - row * width)) ** 2 + (y - row) ** 2;
    const i = y * width + x;
    if (apart < squared[i]) [source[i], squared[i]] = [from, apart];
  };
  for (const step of [-1, 1, -1, 1]) {
    for (let k = 0; k < source.length; k++) {
      const i = step < 0 ? k : source.length - 1 - k;
      if (squared[i] === 0) continue;
      const y = Math.floor(i / width), x = i - y * width;
      if (x + step >= 0 && x + step < width) take(x, y, i + step);
      if (y + step < 0 || y + step >= height) continue;
      const next = i + step * width;
      if (x > 0) take(x, y, next - 1);
      take(x, y, next);
      if (x + 1 < width) take(x, y, next + 1);
    }
  }
  return source;
}
