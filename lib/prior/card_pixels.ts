/**
 * Which pixels of a photograph are hair and hat: those of the person that hang together with the head
 * and are nearer to it, by far, than to anything else of the body.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  JOINT_NAMES,
  projectPoints,
  rasterise,
  rasterTarget,
  scaleCamera,
  sizeWithin,
} from "../geometry/mod.ts";
import { chamferDistance } from "./near.ts";
import { fitMask, INSIDE, type PersonMask } from "./picture.ts";
import { jointOf } from "./surface.ts";

/** What the head's pixels are found from. */
export interface HeadView {
  readonly body: BodyMesh;
  /** Of the picture's size. */
  readonly camera: Camera;
  readonly mask: PersonMask;
  /** Where the face is: no hair. */
  readonly face?: PersonMask;
}

/** The card that shows them. */
export interface HeadPlane {
  /** Posed, [V·3]. */
  readonly vertices: Float32Array;
  /** A place on it. */
  readonly middle: readonly number[];
  /** Metres between two places of its grid. */
  readonly step: number;
}

/** The head's pixels. */
export interface HeadPixels {
  /** At a place in shares of the picture's sides: ≥ 0 where the pixel is the head's. */
  readonly owned: (x: number, y: number) => number;
  /** The mask without those beyond the body and the face. */
  readonly rest: PersonMask;
}

/** Longer side of the picture in which parts of the body are told apart, pixels. */
const COMPARED = 512;
/** Pixels of that picture by which the fine mask may reach beyond the coarse one. */
const SPREAD = 2;
/** Hair beside a shoulder is the head's up to so many times the distance to the shoulder. */
const HEAD_FIRST = 8;
/** How far the card reaches behind the trunk, metres: shoulders that sink leave no gap under the hair. */
const OVERLAP = 0.06;
const TRUNK: readonly number[] = JOINT_NAMES.flatMap((name, joint) =>
  /neck|spine|collar|shoulder/.test(name) ? [joint] : []
);
const [HEAD, NECK] = [JOINT_NAMES.indexOf("head"), JOINT_NAMES.indexOf("neck")];

/** Finds the head's pixels. */
export function headPixels(
  { body, camera, mask, face }: HeadView,
  { vertices, middle, step }: HeadPlane,
): HeadPixels {
  const size = sizeWithin(camera, COMPARED);
  const small = scaleCamera(camera, size);
  const { uv: [, level], depth: [far] } = projectPoints(small, Float32Array.from(middle));
  const { joints, depth } = jointsIn(body, vertices, small);
  const distance = (is: (joint: number) => boolean) =>
    distanceTo(joints.map((joint) => joint >= 0 && is(joint) ? 1 : 0), size);
  const head = distance((joint) => joint === HEAD);
  // Hair falls beside the neck.
  const other = distance((joint) => joint !== HEAD && joint !== NECK);
  const coarse = fitMask(mask, size).data;
  const skin = face && fitMask(face, size).data.map((value) => value >= INSIDE ? 1 : 0);
  const candidates = joints.map((joint, i) => {
    if (joint < 0) return coarse[i] >= INSIDE && head[i] <= HEAD_FIRST * other[i] ? 1 : 0;
    // What lies behind the card further down is the chin's underside.
    return joint === HEAD && (depth[i] < far || i < level * size.width) ? 1 : 0;
  });
  const found = connected(candidates, joints.map((joint) => joint === HEAD ? 1 : 0), size.width);
  const near = distanceTo(found, size);
  const pixels = small.fx / far;
  const cell = step * pixels;
  const reach = (joint: number) =>
    joint < 0 ? SPREAD : TRUNK.includes(joint) ? OVERLAP * pixels : -1;
  const field = Float32Array.from(
    near,
    (thirds, i) => found[i] ? 1 : Math.max(-1, Math.min(1, reach(joints[i]) + 0.5 - thirds / 3)),
  );
  const fine = Float32Array.from(mask.data, (value) => (value - INSIDE + 0.5) / INSIDE);
  return {
    rest: {
      ...size,
      data: coarse.map((value, i) => joints[i] < 0 && found[i] && !skin?.[i] ? 0 : value),
    },
    owned: (x, y) =>
      Math.min(
        // The mask's edges are sharper than a grid can follow.
        mean(CELL.map(([u, v]) =>
          between(fine, mask, x + u * cell / size.width, y + v * cell / size.height)
        )),
        between(field, size, x, y),
      ),
  };
}

/** Places about the middle of a cell of the grid. */
const CELL = [-1 / 3, 0, 1 / 3].flatMap((v) => [-1 / 3, 0, 1 / 3].map((u) => [u, v] as const));

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The joint that moves what each pixel shows of a body, −1 beside it, and its depth. */
function jointsIn(body: BodyMesh, vertices: Float32Array, camera: Camera) {
  const target = rasterTarget(camera.width, camera.height);
  rasterise(target, camera, { vertices, faces: body.bodyFaces });
  const joints = Int8Array.from(
    target.face,
    (face) => face < 0 ? -1 : jointOf(body, body.bodyFaces[face * 3]),
  );
  return { joints, depth: target.depth };
}

/** From each pixel to the nearest that is 1, in thirds of a pixel. */
function distanceTo(mask: ArrayLike<number>, { width, height }: Size): Int32Array {
  return chamferDistance(Uint8Array.from(mask, (value) => value * 255), width, height);
}

/** What of a mask hangs together with pixels of it that are 1 in `from`. */
function connected(mask: ArrayLike<number>, from: ArrayLike<number>, width: number): Uint8Array {
  const found = Uint8Array.from(mask, (value, i) => value * from[i]);
  const stack = [...found.keys()].filter((i) => found[i]);
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const x = at % width;
    for (const next of [at - width, at + width, x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1]) {
      if (!mask[next] || found[next]) continue;
      found[next] = 1;
      stack.push(next);
    }
  }
  return found;
}

/** A value between pixels, at a place in shares of the picture's sides; −1 beyond it. */
function between(values: Float32Array, { width, height }: Size, x: number, y: number): number {
  const [u, v] = [x * width - 0.5, y * height - 0.5];
  const [left, top] = [Math.floor(u), Math.floor(v)];
  if (!(left >= 0 && top >= 0 && left + 1 < width && top + 1 < height)) return -1;
  const [fx, fy, at] = [u - left, v - top, top * width + left];
  return (values[at] * (1 - fx) + values[at + 1] * fx) * (1 - fy) +
    (values[at + width] * (1 - fx) + values[at + width + 1] * fx) * fy;
}
