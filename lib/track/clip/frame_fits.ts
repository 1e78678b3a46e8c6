/**
 * How far a fitted body is to be trusted, frame by frame and as a whole.
 * @module
 */
import { median } from "../../geometry/mod.ts";
import { bodySpots, type SeenPerson } from "../../perception/mod.ts";

/** How well a frame's body fits what is seen. */
export interface FrameFit {
  /** Mean distance of the landmarks from the body, as a share of its height; absent: nobody is seen. */
  readonly error?: number;
  /** Intersection over union of the body and the person's mask; absent: nobody is seen. */
  readonly overlap?: number;
  /** Why the frame is not to be trusted. */
  readonly doubt?: "not seen" | "off the landmarks" | "off the mask";
}

/** Errors above and overlaps below these are not to be trusted. */
const FAR = 0.03, APART = 0.4;
/** A joint that is seen in a smaller share of the frames is a guess. */
const OFTEN = 0.25;
/** A landmark that is surer than this is seen. */
const SURE = 0.5;
/** Below this, the usual score of persons, it may be no person at all. */
const SCORE = 0.75;

/** A frame's error and overlap, and whether they are good enough; undefined: the person is not seen. */
export function judgeFrame(numbers: readonly [number, number] | undefined): FrameFit {
  if (!numbers) return { doubt: "not seen" };
  const [error, overlap] = numbers;
  if (error > FAR) return { error, overlap, doubt: "off the landmarks" };
  return { error, overlap, ...overlap < APART ? { doubt: "off the mask" as const } : {} };
}

/** A person over a clip, and how large its pictures are. */
export interface JudgedPerson {
  readonly seen: readonly (SeenPerson | undefined)[];
  readonly unseen: readonly BodyRegion[];
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** What a user should know of a fit as a whole, one line each. */
export function judgeClip(
  fits: readonly FrameFit[],
  { seen, unseen, ...size }: JudgedPerson,
): string[] {
  const scores = seen.filter((person) => person !== undefined).map(({ score }) => score);
  const trusted = fits.filter(({ doubt }) => !doubt).length;
  // Networks are sure of heads beyond the picture too.
  const inside = seen.map((person) =>
    person && faceSpots.some((spot) => isInside(person, spot, size)) ? person : undefined
  );
  const heads = inside.filter((person) => person).length;
  return [
    ...fits.length === 1 ? ["the video has one frame: a pose, and no motion"] : [],
    ...heads < OFTEN * scores.length
      ? ["the person's head is out of the picture: how it is turned is a guess"]
      : [],
    ...unseen.length === 0 ? [] : [
      `the person's ${unseen.join(" and ")} are hardly visible: their pose is a guess${
        unseen.includes("legs") ? ", and so are its distance and the floor" : ""
      }`,
    ],
    ...(median(scores) ?? 0) < SCORE || trusted < fits.length / 2
      ? [
        `low confidence: only ${trusted} of ${fits.length} frames fit what is seen; it may not be a person, or too little of one is visible`,
      ]
      : [],
  ];
}

/** A region of the body that a clip may not show. */
export type BodyRegion = "legs" | "arms";

const regions = {
  legs: ["left_knee", "right_knee", "left_ankle", "right_ankle"],
  arms: ["left_elbow", "right_elbow", "left_wrist", "right_wrist"],
} as const satisfies Record<BodyRegion, readonly string[]>;

/** Regions of the body that are hardly ever seen. */
export function unseenRegions(seen: readonly (SeenPerson | undefined)[]): BodyRegion[] {
  if (seen.every((person) => person === undefined)) return [];
  return (Object.keys(regions) as BodyRegion[]).filter((region) =>
    shareSeen(seen, regions[region].map((name) => bodySpots.indexOf(name))) < OFTEN
  );
}

const faceSpots = (["nose", "left_ear", "right_ear"] as const).map((name) =>
  bodySpots.indexOf(name)
);

function isInside(
  { body: { image } }: SeenPerson,
  spot: number,
  { width, height }: { readonly width: number; readonly height: number },
): boolean {
  const [x, y] = image.subarray(spot * 3);
  return x >= 0 && y >= 0 && x <= width && y <= height;
}

/** Share of the frames with the person in which some of these spots are seen. */
function shareSeen(
  seen: readonly (SeenPerson | undefined)[],
  spots: readonly number[],
): number {
  const persons = seen.filter((person) => person !== undefined);
  const shown = persons.filter(({ body: { visibility, presence } }) =>
    spots.some((spot) => visibility[spot] * presence[spot] > SURE)
  );
  return shown.length / Math.max(1, persons.length);
}

/** Frames that are not to be trusted, by why, in stretches: `not seen: 3, 10–14`. */
export function doubtfulFrames(fits: readonly FrameFit[]): string[] {
  const frames = new Map<string, number[]>();
  for (const [frame, { doubt }] of fits.entries()) {
    if (doubt) frames.set(doubt, [...frames.get(doubt) ?? [], frame]);
  }
  return [...frames].map(([doubt, some]) => `${doubt}: ${stretches(some)}`);
}

function stretches(frames: readonly number[]): string {
  const found: [number, number][] = [];
  for (const frame of frames) {
    const last = found.at(-1);
    if (last && frame === last[1] + 1) last[1] = frame;
    else found.push([frame, frame]);
  }
  return found.map(([from, to]) => from === to ? `${from}` : `${from}–${to}`).join(", ");
}
