/**
 * The points of hands: sought where the body's points say, found anew by a network that frames them,
 * then read by another; decoded as MediaPipe's graphs `hand_recrop_by_roi` and `hand_landmark` do.
 * @module
 */
import { cat, scope, toFloat32 } from "../tensor/mod.ts";
import { placeIn, type Pyramid, type Square, turnedUp } from "./picture.ts";
import type { TfliteNetwork } from "./tflite/mod.ts";
import type { BodyLandmarks, HandLandmarks } from "./types.ts";

/** Wrist, little finger and index finger among the body's points. */
const SIDES = { left: [15, 17, 19], right: [16, 18, 20] } as const;

/** The two networks. */
export interface HandNetworks {
  readonly recrop: TfliteNetwork;
  readonly landmarks: TfliteNetwork;
}

/** Both hands; what was not found is left out. */
export interface Hands {
  readonly leftHand?: HandLandmarks;
  readonly rightHand?: HandLandmarks;
}

const RECROP_SIZE = 256;
const SIZE = 224;
const POINTS = 21;
/** How much larger than twice the palm the place is where a hand is sought. */
const SEEK = 2.7;
/** The frame moves towards the finger tips by this share of its side. */
const SHIFT = 0.1;
/** The network's depth is in a unit of its own. */
const DEPTH = 0.4;
/** A wrist less visible than this has no hand. */
const LEAST_VISIBLE = 0.1;
const LEAST_SCORE = 0.5;
/** Pixels of a hand's frame, at least. */
const LEAST_SIZE = 24;
/** Two hands nearer than this share of their frame are one, found twice. */
const SAME = 0.25;

/** Looks for both hands of a body. */
export function handsOf(networks: HandNetworks, picture: Pyramid, body: BodyLandmarks): Hands {
  const sides = (["left", "right"] as const).filter((side) =>
    body.visibility[SIDES[side][0]] > LEAST_VISIBLE && seek(body, side).size >= LEAST_SIZE
  );
  if (sides.length === 0) return {};
  const frames = framed(networks.recrop, picture, sides.map((side) => seek(body, side)));
  const hands = handsIn(networks.landmarks, picture, frames);
  const found: { left?: Found; right?: Found } = {};
  sides.forEach((side, i) => {
    const [hand, frame] = [hands[i], frames[i]];
    if (hand.score < LEAST_SCORE) return;
    found[side] = { hand, frame, off: apart(hand.image, 0, body.image, SIDES[side][0]) };
  });
  if (found.left && found.right && areSame(found.left, found.right)) {
    delete found[found.left.off < found.right.off ? "right" : "left"];
  }
  return { leftHand: found.left?.hand, rightHand: found.right?.hand };
}

interface Found {
  readonly hand: HandLandmarks;
  readonly frame: Square;
  /** Pixels between its wrist and the body's. */
  readonly off: number;
}

function areSame({ hand: a, frame }: Found, { hand: b }: Found): boolean {
  let sum = 0;
  for (let i = 0; i < POINTS; i++) sum += apart(a.image, i, b.image, i);
  return sum / POINTS < SAME * frame.size;
}

function apart(a: Float32Array, i: number, b: Float32Array, j: number): number {
  return Math.hypot(a[3 * i] - b[3 * j], a[3 * i + 1] - b[3 * j + 1]);
}

/** About the root of the middle finger, which lies nearer to the index finger. */
function seek({ image }: BodyLandmarks, side: "left" | "right"): Square {
  const [wrist, pinky, index] = SIDES[side].map((i) => [image[3 * i], image[3 * i + 1]] as const);
  const [x, y] = [0, 1].map((k) => (2 * index[k] + pinky[k]) / 3);
  const size = 2 * Math.hypot(x - wrist[0], y - wrist[1]) * SEEK;
  return { x, y, size, angle: turnedUp(wrist, [x, y]) };
}

/** Frames that fit: the network gives the middle and a point on the circle, towards the wrist. */
function framed(
  network: TfliteNetwork,
  picture: Pyramid,
  squares: readonly Square[],
): Square[] {
  const [points] = scope(() =>
    network.run(cat(picture.crop(squares, { size: RECROP_SIZE }))).map(toFloat32)
  );
  return squares.map((square, n) => {
    const [x, y, downX, downY] = points.subarray(4 * n, 4 * n + 4);
    const middle = placeIn(square, x / RECROP_SIZE, y / RECROP_SIZE);
    const down = placeIn(square, downX / RECROP_SIZE, downY / RECROP_SIZE);
    const size = 2 * Math.hypot(middle[0] - down[0], middle[1] - down[1]);
    const frame = { x: middle[0], y: middle[1], size, angle: turnedUp(down, middle) };
    const [shiftedX, shiftedY] = placeIn(frame, 0.5, 0.5 - SHIFT);
    return { ...frame, x: shiftedX, y: shiftedY };
  });
}

function handsIn(
  network: TfliteNetwork,
  picture: Pyramid,
  squares: readonly Square[],
): HandLandmarks[] {
  const [points, scores, , worlds] = scope(() =>
    network.run(cat(picture.crop(squares, { size: SIZE }))).map(toFloat32)
  );
  return squares.map((square, n) => {
    const image = new Float32Array(POINTS * 3);
    const world = new Float32Array(POINTS * 3);
    const [cos, sin] = [Math.cos(square.angle), Math.sin(square.angle)];
    for (let i = 0; i < POINTS; i++) {
      const at = (n * POINTS + i) * 3;
      const place = placeIn(square, points[at] / SIZE, points[at + 1] / SIZE);
      image.set([...place, points[at + 2] / SIZE / DEPTH * square.size], i * 3);
      const [x, y, z] = worlds.subarray(at, at + 3);
      world.set([cos * x - sin * y, sin * x + cos * y, z], i * 3);
    }
    return { image, world, score: scores[n] };
  });
}
