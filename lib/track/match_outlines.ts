/**
 * Which places of a fitted body should be seen where its person's mask ends.
 * @module
 */
import {
  type BodyMesh,
  type Camera,
  clearTarget,
  type Motion,
  motionFrame,
  rasterise,
  type RasterTarget,
  rasterTarget,
  scaleCamera,
} from "../geometry/mod.ts";
import type { Outline } from "./outlines.ts";

/** Places on the skin that should lie on edges. K places, C joints that carry each. */
export interface OutlineEvidence {
  /** [K] */
  readonly frame: Int32Array;
  /** [K·3] corners of the face that each place lies on. */
  readonly corners: Int32Array;
  /** [K·3] how near each corner is; 1 in sum. */
  readonly shares: Float32Array;
  /** [K·C] */
  readonly joint: Int32Array;
  /** [K·C] how much each joint carries; 1 in sum. */
  readonly weight: Float32Array;
  /** [K·2] where the edge is, pixels from the middle of the picture. */
  readonly image: Float32Array;
  /** [K·2] unit vectors across the edge. */
  readonly out: Float32Array;
}

/** A fitted body that moves before cameras. */
interface MovingBody {
  readonly body: BodyMesh;
  readonly motion: Motion;
  readonly shape: Float32Array;
  /** One a frame. */
  readonly cameras: readonly Camera[];
}

/** Joints that carry a place: the two that carry it most. */
export const CARRIERS = 2;

/** Longer side of the pictures in which the body's own edge is sought, pixels. */
const SIDE = 200;
/** Places of a frame. */
const MOST = 40;
/** An edge that is farther off than this, metres, belongs to something else. */
const REACH = 0.12;
/** Cosine of the angle by which an edge's direction may differ from the body's. */
const ALIKE = 0.6;

/** A place of the drawn body next to a pixel that shows none of it. */
interface BodyEdge {
  /** Of the drawn picture. */
  readonly pixel: number;
  /** Unit vector away from the body. */
  readonly out: readonly [number, number];
}

/** For places on the edge of a body in each frame, where the edge of the mask is. */
export function matchOutlines(
  outlines: readonly (Outline | undefined)[],
  { body, motion, shape, cameras }: MovingBody,
): OutlineEvidence {
  const target = targetFor(cameras[0]);
  const found: Record<keyof OutlineEvidence, number[]> = {
    ...{ frame: [], corners: [], shares: [], joint: [], weight: [], image: [], out: [] },
  };
  for (let frame = 0; frame < motion.frames; frame++) {
    const outline = outlines[frame];
    if (!outline) continue;
    const camera = cameras[frame];
    const { vertices, joints } = body.pose({ ...motionFrame(motion, frame), shape });
    clearTarget(target);
    rasterise(target, scaleCamera(camera, target), { vertices, faces: body.bodyFaces });
    const size = camera.width / target.width;
    const reach = REACH / metresAPixel(joints, camera);
    for (const { pixel, out } of someEdges(target, frame)) {
      const x = (pixel % target.width + 0.5) * size;
      const y = (Math.floor(pixel / target.width) + 0.5) * size;
      const edge = nearest(outline, { x, y, out, reach });
      if (edge < 0) continue;
      const [nx, ny] = [outline.out[edge * 2], outline.out[edge * 2 + 1]];
      found.frame.push(frame);
      found.out.push(nx, ny);
      // A pixel's middle lies half a pixel within the body's edge.
      found.image.push(
        outline.xy[edge * 2] - nx * size / 2 - camera.width / 2,
        outline.xy[edge * 2 + 1] - ny * size / 2 - camera.height / 2,
      );
      addPlace(found, { body, target, pixel });
    }
  }
  const [ints, floats] = [Int32Array, Float32Array];
  return {
    frame: ints.from(found.frame),
    corners: ints.from(found.corners),
    shares: floats.from(found.shares),
    joint: ints.from(found.joint),
    weight: floats.from(found.weight),
    image: floats.from(found.image),
    out: floats.from(found.out),
  };
}

function targetFor({ width, height }: Camera): RasterTarget {
  const share = SIDE / Math.max(width, height);
  return rasterTarget(
    Math.max(1, Math.round(width * share)),
    Math.max(1, Math.round(height * share)),
  );
}

/** At the pelvis. */
function metresAPixel(joints: Float32Array, { rotation: r, translation: t, fx }: Camera): number {
  const depth = r[6] * joints[0] + r[7] * joints[1] + r[8] * joints[2] + t[2];
  return Math.max(0.05, depth) / fx;
}

/** At most `MOST` of the body's edges, spread over all of them, in each frame others. */
function someEdges({ width, height, face }: RasterTarget, frame: number): BodyEdge[] {
  const edges: BodyEdge[] = [];
  for (let pixel = 0; pixel < face.length; pixel++) {
    if (face[pixel] < 0) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const free = (u: number, v: number) =>
      u >= 0 && v >= 0 && u < width && v < height && face[v * width + u] < 0;
    if (!(free(x - 1, y) || free(x + 1, y) || free(x, y - 1) || free(x, y + 1))) continue;
    let [dx, dy] = [0, 0];
    for (let v = -2; v <= 2; v++) {
      for (let u = -2; u <= 2; u++) {
        if (!free(x + u, y + v)) continue;
        dx += u;
        dy += v;
      }
    }
    const length = Math.hypot(dx, dy);
    if (length > 0) edges.push({ pixel, out: [dx / length, dy / length] });
  }
  const every = Math.max(1, Math.ceil(edges.length / MOST));
  return edges.filter((_, i) => i % every === frame % every);
}

/** The edge next to a place that points the same way; −1 where there is none within reach. */
function nearest(
  { xy, out: ways }: Outline,
  { x, y, out, reach }: Pick<BodyEdge, "out"> & {
    readonly x: number;
    readonly y: number;
    readonly reach: number;
  },
): number {
  let [best, at] = [reach * reach, -1];
  for (let edge = 0; edge < xy.length / 2; edge++) {
    const far = (xy[edge * 2] - x) ** 2 + (xy[edge * 2 + 1] - y) ** 2;
    if (far >= best) continue;
    if (ways[edge * 2] * out[0] + ways[edge * 2 + 1] * out[1] < ALIKE) continue;
    [best, at] = [far, edge];
  }
  return at;
}

/** Adds the place of the skin that a pixel shows. */
function addPlace(
  found: Pick<Record<keyof OutlineEvidence, number[]>, "corners" | "shares" | "joint" | "weight">,
  { body, target, pixel }: {
    readonly body: BodyMesh;
    readonly target: RasterTarget;
    readonly pixel: number;
  },
): void {
  const face = target.face[pixel] * 3;
  const corners = [...body.bodyFaces.subarray(face, face + 3)];
  const [second, third] = [target.second[pixel], target.third[pixel]];
  found.corners.push(...corners);
  found.shares.push(1 - second - third, second, third);
  const { skinJoints, skinWeights, vertexCount } = body;
  const each = skinJoints.length / vertexCount;
  const nearestCorner = corners[
    [1 - second - third, second, third].reduce(
      (best, share, k, all) => share > all[best] ? k : best,
      0,
    )
  ];
  const carriers = Array.from({ length: each }, (_, k) => nearestCorner * each + k)
    .sort((a, b) => skinWeights[b] - skinWeights[a]).slice(0, CARRIERS);
  const sum = carriers.reduce((all, k) => all + skinWeights[k], 0);
  for (let c = 0; c < CARRIERS; c++) {
    const k = carriers[c] ?? carriers[0];
    found.joint.push(skinJoints[k]);
    found.weight.push(c < carriers.length ? skinWeights[k] / sum : 0);
  }
}
