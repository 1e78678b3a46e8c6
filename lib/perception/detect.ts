/**
 * Finds persons in a picture: BlazePose's detector, a single-shot network whose answers are decoded
 * as MediaPipe's graph `pose_detection` does.
 * @module
 */
import { add, cat, mul, scope, toFloat32 } from "../tensor/mod.ts";
import { type Pyramid, type Square, turnedUp } from "./picture.ts";
import type { TfliteNetwork } from "./tflite/mod.ts";

/** Where a person seems to be. */
export interface Detection {
  /** Around the whole body, upright as the person is. */
  readonly square: Square;
  /** 0 to 1. */
  readonly score: number;
}

/** Pixels that the network sees. */
const SIZE = 224;
/** Numbers of an answer: a box about the head, then four points. */
const NUMBERS = 12;
const LEAST_SCORE = 0.4;
/** Answers that overlap by so much of their union speak of the same person. */
const OVERLAP = 0.3;
/** How much larger the square is than the circle that the network draws around a person. */
const MARGIN = 1.25;

/** Pixels between the anchors of each layer, and how many stand in one place. */
const LAYERS = [[8, 2], [16, 2], [32, 6]] as const;

/** Middles of the anchors, 0 to 1, in the order of the network's answers. */
const anchors = LAYERS.flatMap(([stride, times]) => {
  const cells = SIZE / stride;
  return Array.from({ length: cells * cells }, (_, i) => ({
    x: (i % cells + 0.5) / cells,
    y: (Math.floor(i / cells) + 0.5) / cells,
  })).flatMap((anchor) => Array.from({ length: times }, () => anchor));
});

/** An answer in the picture's pixels: a box's middle and sides, then points x, y. */
interface Answer {
  readonly score: number;
  readonly numbers: readonly number[];
}

/**
 * Persons in parts of a picture, surest first. Each part is a square that the network sees whole; a
 * person of less than a sixth of its side is likely missed.
 */
export function detect(
  network: TfliteNetwork,
  picture: Pyramid,
  parts: readonly Square[] = [wholeOf(picture)],
): Detection[] {
  const [boxes, scores] = scope(() => {
    const crops = picture.crop(parts, { size: SIZE, repeat: false });
    return network.run(add(mul(cat(crops), 2), -1)).map(toFloat32);
  });
  const answers = parts.flatMap((part, n) =>
    anchors.flatMap((anchor, i) => {
      const at = n * anchors.length + i;
      const score = 1 / (1 + Math.exp(-scores[at]));
      if (score < LEAST_SCORE) return [];
      const scale = part.size / SIZE;
      const [left, top] = [part.x - part.size / 2, part.y - part.size / 2];
      const raw = boxes.subarray(at * NUMBERS, (at + 1) * NUMBERS);
      const numbers = Array.from(raw, (value, k) => {
        if (k === 2 || k === 3) return value * scale;
        return value * scale +
          (k % 2 === 0 ? left + anchor.x * part.size : top + anchor.y * part.size);
      });
      return [{ score, numbers }];
    })
  );
  return merged(answers).map(detectionOf);
}

/** The smallest square with the whole picture in it. */
export function wholeOf({ width, height }: Pyramid): Square {
  return { x: width / 2, y: height / 2, size: Math.max(width, height), angle: 0 };
}

/** Answers about one person become their mean by score (weighted non-maximum suppression). */
function merged(answers: readonly Answer[]): Answer[] {
  let rest = answers.toSorted((a, b) => b.score - a.score);
  const out: Answer[] = [];
  while (rest.length > 0) {
    const [best] = rest;
    const same = rest.filter((other) => overlap(best.numbers, other.numbers) > OVERLAP);
    rest = rest.filter((other) => other !== best && !same.includes(other));
    const total = same.reduce((sum, { score }) => sum + score, 0);
    const numbers = best.numbers.map((value, k) =>
      total === 0 ? value : same.reduce((sum, a) => sum + a.score * a.numbers[k], 0) / total
    );
    out.push({ score: best.score, numbers });
  }
  return out;
}

/** Intersection over union of two boxes of middle and sides. */
function overlap(a: readonly number[], b: readonly number[]): number {
  const [w, h] = [0, 1].map((k) =>
    Math.min(a[k] + a[k + 2] / 2, b[k] + b[k + 2] / 2) -
    Math.max(a[k] - a[k + 2] / 2, b[k] - b[k + 2] / 2)
  );
  if (w <= 0 || h <= 0) return 0;
  return w * h / (a[2] * a[3] + b[2] * b[3] - w * h);
}

/** Point 0 is the hips' middle, point 1 gives the circle's radius and the way up. */
function detectionOf({ score, numbers: [, , , , hipX, hipY, upX, upY] }: Answer): Detection {
  const size = 2 * Math.hypot(upX - hipX, upY - hipY) * MARGIN;
  return {
    score,
    square: { x: hipX, y: hipY, size, angle: turnedUp([hipX, hipY], [upX, upY]) },
  };
}
