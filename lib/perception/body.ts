/**
 * The points of a body and its mask in a square around it: BlazePose heavy, decoded as MediaPipe's
 * graph `pose_landmark` does.
 * @module
 */
import { cat, scope, sigmoid, toFloat32 } from "../tensor/mod.ts";
import { placeIn, type Pyramid, type Square, turnedUp } from "./picture.ts";
import type { TfliteNetwork } from "./tflite/mod.ts";
import type { BodyLandmarks } from "./types.ts";

/** What the network says of a square. */
export interface BodyAnswer {
  /** 0 to 1: that there is a person. */
  readonly score: number;
  readonly body: BodyLandmarks;
  /** Where the person would be sought next. */
  readonly next: Square;
  /** The square that the network saw. */
  readonly square: Square;
  /** [MASK_SIZE, MASK_SIZE] of the square, 0 to 1. */
  readonly mask: Float32Array;
}

/** Pixels of a side of the network's mask. */
export const MASK_SIZE = 256;
/** Points that are told of, and all that the network gives. */
const POINTS = 33;
const ALL_POINTS = 39;
/** Numbers of a point: x, y, z, visibility, presence. */
const NUMBERS = 5;
/** Of the network's heat maps. */
const MAP_SIZE = 64;
/** Cells of a heat map around a point that refine it, to each side. */
const REACH = 3;
/** A heat map below this refines nothing. */
const LEAST_HEAT = 0.5;
/** How much larger the next square is than the circle that the network draws around a person. */
const MARGIN = 1.25;

/** Looks at each square. */
export function bodiesIn(
  network: TfliteNetwork,
  picture: Pyramid,
  squares: readonly Square[],
): BodyAnswer[] {
  if (squares.length === 0) return [];
  const [points, scores, masks, maps, worlds] = scope(() => {
    const [points, scores, masks, maps, worlds] = network.run(
      cat(picture.crop(squares, { size: MASK_SIZE })),
    );
    return [points, scores, sigmoid(masks), sigmoid(maps), worlds].map(toFloat32);
  });
  return squares.map((square, n) => {
    const of = (all: Float32Array) => {
      const size = all.length / squares.length;
      return all.subarray(n * size, (n + 1) * size);
    };
    const refined = refine(of(points), of(maps));
    const { body, extra: [hips, top] } = landmarks(refined, of(worlds), square);
    const size = 2 * Math.hypot(top[0] - hips[0], top[1] - hips[1]) * MARGIN;
    return {
      score: scores[n],
      body,
      next: { x: hips[0], y: hips[1], size, angle: turnedUp(hips, top) },
      square,
      mask: of(masks),
    };
  });
}

/** Moves points to the middle of the heat around them, where there is enough. */
function refine(points: Float32Array, maps: Float32Array): Float32Array {
  const out = points.slice();
  const scale = MAP_SIZE / MASK_SIZE;
  for (let i = 0; i < ALL_POINTS; i++) {
    const [column, row] = [0, 1].map((k) => Math.trunc(points[i * NUMBERS + k] * scale));
    if (Math.min(column, row) < 0 || Math.max(column, row) >= MAP_SIZE) continue;
    let [sum, most, x, y] = [0, 0, 0, 0];
    for (let v = Math.max(0, row - REACH); v <= Math.min(MAP_SIZE - 1, row + REACH); v++) {
      for (let u = Math.max(0, column - REACH); u <= Math.min(MAP_SIZE - 1, column + REACH); u++) {
        const heat = maps[(i * MAP_SIZE + v) * MAP_SIZE + u];
        most = Math.max(most, heat);
        sum += heat;
        x += heat * u;
        y += heat * v;
      }
    }
    if (most < LEAST_HEAT) continue;
    out[i * NUMBERS] = x / sum / scale;
    out[i * NUMBERS + 1] = y / sum / scale;
  }
  return out;
}

/** From the square to the picture; `extra` are the hips' middle and a point on the circle around all. */
function landmarks(points: Float32Array, worlds: Float32Array, square: Square) {
  const image = new Float32Array(POINTS * 3);
  const world = new Float32Array(POINTS * 3);
  const [visibility, presence] = [new Float32Array(POINTS), new Float32Array(POINTS)];
  const place = (i: number) =>
    placeIn(square, points[i * NUMBERS] / MASK_SIZE, points[i * NUMBERS + 1] / MASK_SIZE);
  const [cos, sin] = [Math.cos(square.angle), Math.sin(square.angle)];
  for (let i = 0; i < POINTS; i++) {
    const [, , z, visible, present] = points.subarray(i * NUMBERS, (i + 1) * NUMBERS);
    image.set([...place(i), z / MASK_SIZE * square.size], i * 3);
    const [x, y, depth] = worlds.subarray(i * 3, i * 3 + 3);
    world.set([cos * x - sin * y, sin * x + cos * y, depth], i * 3);
    visibility[i] = 1 / (1 + Math.exp(-visible));
    presence[i] = 1 / (1 + Math.exp(-present));
  }
  return {
    body: { image, world, visibility, presence },
    extra: [place(POINTS), place(POINTS + 1)],
  };
}
