/**
 * The points of a face: MediaPipe's face mesh, sought where the body's points, or the face's own in
 * the frame before, say.
 * @module
 */
import { cat, scope, toFloat32 } from "../tensor/mod.ts";
import { placeIn, type Pyramid, type Square, turnedUp } from "./picture.ts";
import type { TfliteNetwork } from "./tflite/mod.ts";
import type { BodyLandmarks, FaceLandmarks } from "./types.ts";

const SIZE = 192;
const POINTS = 468;
const LEAST_SCORE = 0.5;
/** How much larger the next frame is than the face. */
const MARGIN = 1.5;
/** Outer corners of the eyes, the person's right first. */
const EYES = [33, 263] as const;
/** Among the body's points: eyes, ears, corners of the mouth. */
const HEAD = { eyes: [2, 5], ears: [7, 8], mouth: [9, 10] } as const;
/** Sides of a face's frame, in distances of eyes and mouth, and of the ears. */
const BY_HEIGHT = 4.2;
const BY_WIDTH = 1.9;
/** Pixels of a face's frame, at least. */
const LEAST_SIZE = 24;

/** A face, and where it would be sought next. */
export interface FaceAnswer {
  readonly face: FaceLandmarks;
  readonly next: Square;
}

/** Looks for a body's face, first at `near` where there is one. */
export function faceOf(
  network: TfliteNetwork,
  picture: Pyramid,
  { body, near }: { readonly body: BodyLandmarks; readonly near?: Square },
): FaceAnswer | undefined {
  const guess = headOf(body);
  if (guess.size < LEAST_SIZE) return undefined;
  if (near && Math.hypot(near.x - guess.x, near.y - guess.y) < near.size / 3) {
    const found = faceIn(network, picture, near);
    if (found.face.score >= LEAST_SCORE) return found;
  }
  // The second look is in the face's own frame.
  const first = faceIn(network, picture, guess);
  if (first.face.score < LEAST_SCORE) return undefined;
  const second = faceIn(network, picture, first.next);
  return second.face.score < LEAST_SCORE ? undefined : second;
}

function headOf({ image }: BodyLandmarks): Square {
  const at = (i: number) => [image[3 * i], image[3 * i + 1]];
  const pair = ([a, b]: readonly [number, number]) => [at(a), at(b)];
  const middle = (of: readonly [number, number]): [number, number] => {
    const [p, q] = pair(of);
    return [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
  };
  const width = (of: readonly [number, number]) => {
    const [p, q] = pair(of);
    return Math.hypot(p[0] - q[0], p[1] - q[1]);
  };
  const [eyes, mouth] = [middle(HEAD.eyes), middle(HEAD.mouth)];
  const height = Math.hypot(eyes[0] - mouth[0], eyes[1] - mouth[1]);
  return {
    x: (eyes[0] + mouth[0]) / 2,
    y: (eyes[1] + mouth[1]) / 2,
    size: Math.max(BY_HEIGHT * height, BY_WIDTH * width(HEAD.ears)),
    angle: turnedUp(mouth, eyes),
  };
}

function faceIn(network: TfliteNetwork, picture: Pyramid, square: Square): FaceAnswer {
  const [points, [logit]] = scope(() =>
    network.run(cat(picture.crop([square], { size: SIZE }))).map(toFloat32)
  );
  const image = new Float32Array(POINTS * 3);
  for (let i = 0; i < POINTS; i++) {
    const [x, y, z] = points.subarray(3 * i, 3 * i + 3);
    image.set([...placeIn(square, x / SIZE, y / SIZE), z / SIZE * square.size], 3 * i);
  }
  return { face: { image, score: 1 / (1 + Math.exp(-logit)) }, next: frameOf(image) };
}

/** Around all points, turned as the eyes lie. */
function frameOf(image: Float32Array): Square {
  const [right, left] = EYES.map((i) => [image[3 * i], image[3 * i + 1]]);
  const angle = Math.atan2(left[1] - right[1], left[0] - right[0]);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < POINTS; i++) {
    const [x, y] = [image[3 * i], image[3 * i + 1]];
    const [u, v] = [cos * x + sin * y, cos * y - sin * x];
    [x0, x1, y0, y1] = [Math.min(x0, u), Math.max(x1, u), Math.min(y0, v), Math.max(y1, v)];
  }
  const [u, v] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return {
    ...{ x: cos * u - sin * v, y: sin * u + cos * v, angle },
    size: Math.max(x1 - x0, y1 - y0) * MARGIN,
  };
}
