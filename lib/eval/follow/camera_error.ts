/**
 * Whether what stands still moved in the picture as the cameras say.
 * @module
 */
import type { Camera } from "../../geometry/mod.ts";
import type { BlockMove } from "../block_motion.ts";
import { relativePose } from "../epipolar.ts";

/** Metres: the nearest that a background is taken to be. */
const NEAREST = 0.5;
/** Depths, in units of the first camera's, below which a point has no pixel. */
const BEFORE = 1e-3;

/**
 * Pixels between where a block went and the nearest place where it can have gone: a point of unknown
 * depth moves along a segment of its epipolar line, from where infinity went to where `NEAREST` did. A
 * camera that only turns leaves one place.
 */
export function epipolarError(move: BlockMove, first: Camera, second: Camera): number {
  const found: Point = [move.x + move.dx, move.y + move.dy];
  const ray: Vector = [(move.x - first.cx) / first.fx, (move.y - first.cy) / first.fy, 1];
  const { turn, way } = relativePose(first, second);
  const far = times(turn, ray);
  if (far[2] < BEFORE) return Math.hypot(move.dx, move.dy);
  // A camera that goes forwards passes near points: the segment ends before it.
  const closest = way[2] < 0 ? (far[2] - BEFORE) / -way[2] : Infinity;
  const inverse = Math.min(1 / NEAREST, closest);
  const near = [0, 1, 2].map((i) => far[i] + way[i] * inverse) as unknown as Vector;
  return toSegment(found, pixel(second, far), pixel(second, near));
}

type Point = readonly [number, number];
type Vector = readonly [number, number, number];

function times(matrix: Float64Array, [x, y, z]: Vector): Vector {
  return [0, 3, 6].map((row) =>
    matrix[row] * x + matrix[row + 1] * y + matrix[row + 2] * z
  ) as unknown as Vector;
}

function pixel({ fx, fy, cx, cy }: Camera, [x, y, z]: Vector): Point {
  return [fx * x / z + cx, fy * y / z + cy];
}

function toSegment(point: Point, from: Point, to: Point): number {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const length = x * x + y * y;
  const along = length === 0 ? 0 : ((point[0] - from[0]) * x + (point[1] - from[1]) * y) / length;
  const place = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - from[0] - place * x, point[1] - from[1] - place * y);
}
