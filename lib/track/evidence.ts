/**
 * What a clip shows of one person, as arrays that a fit compares a body with.
 * @module
 */
import type { BodyMesh } from "../geometry/mod.ts";
import { bodySpots, type HandLandmarks, type SeenPerson } from "../perception/mod.ts";
import { type MarkedSpot, markedSpots } from "./body_spots.ts";
import type { FloorPlane } from "./floor.ts";
import type { SeenMark } from "./marks.ts";
import type { Outline } from "./outlines.ts";

/** A person over a clip, as the networks see it. */
export interface SeenClip {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** One a frame; undefined where the person is not seen. */
  readonly frames: readonly (SeenPerson | undefined)[];
  /** Marks on the person that were followed. */
  readonly marks?: readonly SeenMark[];
  /** Where the person ends, one a frame; absent: that is not looked at. */
  readonly outlines?: readonly (Outline | undefined)[];
  /** How the camera turns: from frame 0's axes to each frame's, row-major 3×3; absent: it stands. */
  readonly turns?: readonly ArrayLike<number>[];
  /** Focal length where it is known, pixels; absent: it is fitted too. */
  readonly focal?: number;
  /** The floor in frame 0's axes where it is known, as of somebody else in the clip. */
  readonly floor?: FloorPlane;
}

// F frames, L marked spots

/** Landmarks of a clip in one order. */
export interface Evidence {
  readonly frames: number;
  readonly spots: readonly MarkedSpot[];
  /** [F·L·2] pixels from the middle of the picture. */
  readonly image: Float32Array;
  /** [F·L] 0 to 1. */
  readonly sure: Float32Array;
  /** [F·33·3] metres about the hips' middle, camera axes (x right, y down, z away). */
  readonly world: Float32Array;
  /** [F·33] 0 to 1. */
  readonly worldSure: Float32Array;
  /** [F] whether the person is seen. */
  readonly known: readonly boolean[];
}

/** Points that are surer than this count. */
const LEAST = 0.1;
/** A point of a face counts this much: there are many, and they err alike. */
const FACE = 0.3;
/** As `FACE`, of a hand. */
const HAND = 0.5;

/** A leg that is surer than this in no more than this share of the frames is never seen. */
const LEG = { sure: 0.3, often: 0.1 } as const;

/** Puts a clip's landmarks in order. */
export function evidenceOf({ frames, width, height }: SeenClip, body: BodyMesh): Evidence {
  const spots = markedSpots(body);
  const unseen = unseenLegs(frames);
  const [F, L, B] = [frames.length, spots.length, bodySpots.length];
  const image = new Float32Array(F * L * 2), sure = new Float32Array(F * L);
  const world = new Float32Array(F * B * 3), worldSure = new Float32Array(F * B);
  frames.forEach((person, frame) => {
    if (!person) return;
    world.set(person.body.world, frame * B * 3);
    spots.forEach(({ of, index }, spot) => {
      const found = markOf(person, of);
      if (!found) return;
      const weight = of === "body" ? bodySure(person, index) : found.weight;
      const at = frame * L + spot;
      sure[at] = weight < LEAST ? 0 : weight;
      image[at * 2] = found.image[index * 3] - width / 2;
      image[at * 2 + 1] = found.image[index * 3 + 1] - height / 2;
      if (of !== "body") return;
      // Limbs that nobody sees are guessed, often as usual limbs are. Those of legs that a close-up
      // never shows are worse than what is believed of legs anyway.
      worldSure[frame * B + index] = unseen.has(index) ? 0 : 0.02 + 0.98 * weight;
    });
  });
  return { frames: F, spots, image, sure, world, worldSure, known: frames.map((one) => !!one) };
}

/** Knees and all below them of legs that a clip never shows. */
function unseenLegs(frames: SeenClip["frames"]): Set<number> {
  const persons = frames.filter((person) => person !== undefined);
  return new Set(["left_", "right_"].flatMap((side) => {
    const leg = [...bodySpots.keys()].filter((spot) =>
      bodySpots[spot].startsWith(side) && /knee|ankle|heel|foot/.test(bodySpots[spot])
    );
    const shown = persons.filter((person) => leg.some((spot) => bodySure(person, spot) > LEG.sure));
    return shown.length > LEG.often * persons.length ? [] : leg;
  }));
}

function bodySure({ body }: SeenPerson, index: number): number {
  return body.visibility[index] * body.presence[index];
}

function markOf(
  person: SeenPerson,
  of: MarkedSpot["of"],
): { image: Float32Array; weight: number } | undefined {
  if (of === "body") return { image: person.body.image, weight: 1 };
  const found: Pick<HandLandmarks, "image" | "score"> | undefined = person[of];
  return found && { image: found.image, weight: (of === "face" ? FACE : HAND) * found.score };
}

/** How much each 3D point says of their middle, [F·B], and the points about it, [F·B·3]. */
export function aboutMiddles(
  { frames, world, worldSure }: Evidence,
): { middles: Float32Array; world: Float32Array } {
  const B = worldSure.length / frames;
  const sums = Float32Array.from(
    { length: frames },
    (_, f) => worldSure.subarray(f * B, f * B + B).reduce((a, b) => a + b, 0) || 1,
  );
  const middles = worldSure.map((sure, i) => sure / sums[Math.floor(i / B)]);
  const means = new Float32Array(frames * 3);
  world.forEach((value, i) => {
    means[Math.floor(i / (B * 3)) * 3 + i % 3] += middles[Math.floor(i / 3)] * value;
  });
  return { middles, world: world.map((v, i) => v - means[Math.floor(i / (B * 3)) * 3 + i % 3]) };
}
