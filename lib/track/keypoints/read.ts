/**
 * 2D key points of people in a picture, from the files of detectors.
 * @module
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readJson } from "../../io/mod.ts";
import { body25Order, cocoOrder, type SpotName } from "./names.ts";

/** A spot in a picture. */
export interface Keypoint {
  readonly spot: SpotName;
  /** Pixels of the picture, centres at ½. */
  readonly x: number;
  readonly y: number;
  /** How sure the detector is, 0 to 1. */
  readonly confidence: number;
}

/** One detected person; spots that were not found are left out. */
export type DetectedPerson = readonly Keypoint[];

/** Below this a detector has found nothing. */
const LEAST_CONFIDENCE = 0.1;

const numbers = z.array(z.number());
const person = z.looseObject({
  keypoints: z.union([numbers, z.array(numbers)]),
  keypoint_scores: numbers.optional(),
});
const openPose = z.looseObject({
  people: z.array(z.looseObject({ pose_keypoints_2d: numbers })),
});
const wrapped = z.union([
  z.looseObject({ annotations: z.array(person) }).transform((file) => file.annotations),
  z.looseObject({ instances: z.array(person) }).transform((file) => file.instances),
]);

/**
 * Reads the people of a file: OpenPose's JSON of BODY_25 (`people[].pose_keypoints_2d`, x, y and
 * confidence 25 times), or COCO's 17 key points: a list of results, one of them, or a file with
 * `annotations` (x, y and visibility or score 17 times, flat or in rows). Throws
 * {@linkcode InputError} for anything else, with what was found.
 */
export async function readKeypoints(path: string): Promise<DetectedPerson[]> {
  const content = await readJson(path);
  const opened = openPose.safeParse(content);
  if (opened.success) {
    return opened.data.people.map(({ pose_keypoints_2d: flat }, i) =>
      detected(rowsOf(flat, 3), body25Order, { path, i })
    );
  }
  const people = wrapped.safeParse(content).data ?? z.array(person).safeParse(content).data ??
    [person.safeParse(content).data].filter((one) => one !== undefined);
  if (people.length === 0) {
    throw new InputError(
      `cannot read "${path}" as key points: expected OpenPose's people[].pose_keypoints_2d or COCO's keypoints, ${
        described(content)
      }`,
    );
  }
  return people.map(({ keypoints, keypoint_scores: scores }, i) => {
    const rows = typeof keypoints[0] === "number"
      ? rowsOf(keypoints as number[], 3)
      : keypoints as number[][];
    // COCO's annotations say 1 for a spot that is hidden and 2 for one that is seen.
    const flags = !scores && rows.every(([, , v]) => Number.isInteger(v)) &&
      rows.some(([, , v]) => v === 2);
    const scored = rows.map(([x, y, v = 1], k) => [x, y, scores?.[k] ?? (flags ? v / 2 : v)]);
    return detected(scored, cocoOrder, { path, i });
  });
}

function detected(
  rows: readonly (readonly number[])[],
  order: readonly SpotName[],
  { path, i }: { readonly path: string; readonly i: number },
): DetectedPerson {
  if (rows.length !== order.length) {
    throw new InputError(
      `cannot read "${path}": person ${i} has ${rows.length} key points, expected ${order.length}`,
    );
  }
  return rows.flatMap(([x, y, confidence], k) => {
    const found = confidence >= LEAST_CONFIDENCE && (x !== 0 || y !== 0);
    return found ? [{ spot: order[k], x, y, confidence: Math.min(1, confidence) }] : [];
  });
}

function rowsOf(flat: readonly number[], width: number): number[][] {
  const count = Math.ceil(flat.length / width);
  return Array.from({ length: count }, (_, i) => flat.slice(i * width, (i + 1) * width));
}

function described(content: unknown): string {
  if (Array.isArray(content)) return `found a list of ${content.length}`;
  if (typeof content !== "object" || content === null) return `found ${typeof content}`;
  const keys = Object.keys(content).slice(0, 6).map((key) => `"${key.slice(0, 40)}"`);
  return `found an object with ${keys.join(", ") || "nothing in it"}`;
}
