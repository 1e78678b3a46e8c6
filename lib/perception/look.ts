/**
 * One look at a picture: who is new in it, and all that is told of a person.
 * @module
 */
import { bodiesIn, type BodyAnswer } from "./body.ts";
import { detect, wholeOf } from "./detect.ts";
import { type FaceAnswer, faceOf } from "./face.ts";
import { handsOf } from "./hands.ts";
import { maskOf } from "./mask.ts";
import type { Networks } from "./networks.ts";
import type { Pyramid, Square } from "./picture.ts";
import type { Box, PersonMask, SeenPerson } from "./types.ts";

/** What is wanted of each person. */
export interface LookOptions {
  /** Default: true. */
  readonly hands?: boolean;
  /** Default: true. */
  readonly faces?: boolean;
  /** Default: true. */
  readonly masks?: boolean;
}

/** Below this there is nobody. */
export const LEAST_SCORE = 0.5;
/** Bodies whose torsos and heads are nearer than this share of their square are one. */
const SAME = 0.12;
/** Nose, shoulders and hips among the body's points. */
const TRUNK = [0, 11, 12, 23, 24];
/** A picture longer than wide (or the other way) by this is searched in squares too. */
const LONG = 1.25;

/**
 * Squares in which persons are sought: the whole picture, and in a long one three squares as large as
 * its shorter side, where smaller persons are seen.
 */
export function searchParts(picture: Pyramid): Square[] {
  const { width, height } = picture;
  const whole = wholeOf(picture);
  const size = Math.min(width, height);
  if (whole.size < LONG * size) return [whole];
  return [
    whole,
    ...[0, 0.5, 1].map((at) => ({
      x: size / 2 + at * (width - size),
      y: size / 2 + at * (height - size),
      size,
      angle: 0,
    })),
  ];
}

/** Persons in parts of a picture that are none of `known`, each looked at twice, surest first. */
export function newcomers(
  networks: Networks,
  picture: Pyramid,
  { parts, known = [] }: {
    readonly parts: readonly Square[];
    readonly known?: readonly BodyAnswer[];
  },
): BodyAnswer[] {
  const squares = detect(networks.detector, picture, parts).map(({ square }) => square)
    .filter((square) => !known.some((other) => overlap(square, other.next) > 0.6));
  const first = bodiesIn(networks.body, picture, squares)
    .filter(({ score }) => score >= LEAST_SCORE);
  const second = bodiesIn(networks.body, picture, first.map(({ next }) => next));
  return distinct([...known, ...second.filter(({ score }) => score >= LEAST_SCORE)])
    .slice(known.length);
}

/** Without bodies that come again; the first stays. */
export function distinct(answers: readonly BodyAnswer[]): BodyAnswer[] {
  return answers.filter((answer, i) =>
    !answers.slice(0, i).some((other) => areSame(answer, other))
  );
}

function areSame(a: BodyAnswer, b: BodyAnswer): boolean {
  const sum = TRUNK.reduce((total, i) => {
    const [p, q] = [a, b].map(({ body: { image } }) => image.subarray(3 * i, 3 * i + 2));
    return total + Math.hypot(p[0] - q[0], p[1] - q[1]);
  }, 0);
  return sum / TRUNK.length < SAME * Math.min(a.next.size, b.next.size);
}

/** Intersection over union, as if squares were not turned. */
export function overlap(a: Square, b: Square): number {
  const side = (p: number, q: number) =>
    Math.max(
      0,
      Math.min(p + a.size / 2, q + b.size / 2) - Math.max(p - a.size / 2, q - b.size / 2),
    );
  const both = side(a.x, b.x) * side(a.y, b.y);
  return both / (a.size ** 2 + b.size ** 2 - both);
}

/** A person and where its face would be sought next. */
export interface PersonLook {
  readonly person: SeenPerson;
  readonly face?: Square;
}

/** A body that was found, the person's number, and the face's frame in the picture before. */
export interface KnownBody {
  readonly id: number;
  readonly answer: BodyAnswer;
  readonly face?: Square;
}

/** All that is wanted of the persons in one picture. */
export function personsOf(
  networks: Networks,
  picture: Pyramid,
  { bodies, hands = true, faces = true, masks = true }: LookOptions & {
    readonly bodies: readonly KnownBody[];
  },
): PersonLook[] {
  const all = masks ? bodies.map(({ answer }) => maskOf(answer, picture)) : [];
  share(all);
  return bodies.map(({ id, answer: { body, score }, face: near }, i) => {
    const face: FaceAnswer | undefined = faces
      ? faceOf(networks.face, picture, { body, near })
      : undefined;
    const found = hands ? handsOf(networks.hands, picture, body) : {};
    const mask = all[i];
    const box = (mask && boxOfMask(mask)) ?? boxOfPoints(body.image);
    const person = { id, box, score, body, ...found, face: face?.face, mask };
    return { person, face: face?.next };
  });
}

/** Where masks overlap, the surer one leaves the others the rest. */
function share(masks: readonly PersonMask[]): void {
  for (const [i, { data: a }] of masks.entries()) {
    for (const { data: b } of masks.slice(i + 1)) {
      for (let at = 0; at < a.length; at++) {
        if (a[at] + b[at] <= 255) continue;
        if (a[at] >= b[at]) b[at] = 255 - a[at];
        else a[at] = 255 - b[at];
      }
    }
  }
}

/** Around what belongs to the person for the most part. */
function boxOfMask({ width, height, data }: PersonMask): Box | undefined {
  let [x0, x1, y0, y1] = [width, -1, height, -1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (data[at] < 128) continue;
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      y1 = y;
    }
  }
  return x1 < 0 ? undefined : { x: x0, y: y0, width: x1 + 1 - x0, height: y1 + 1 - y0 };
}

function boxOfPoints(image: Float32Array): Box {
  const of = (axis: number) => image.filter((_, i) => i % 3 === axis);
  const [xs, ys] = [of(0), of(1)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
