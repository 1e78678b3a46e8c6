/**
 * What networks find in a clip that was made: whether its persons hold themselves as the true ones do,
 * and look like their reference.
 * @module
 */
import type { Frames } from "../../io/mod.ts";
import { frameAt } from "../../io/mod.ts";
import type { SynthImageNet } from "../../models/perceptual/mod.ts";
import { type SeenPerson, trackPersons } from "../../perception/mod.ts";
import { type Device, mul, scope, sub } from "../../tensor/mod.ts";
import { frameTensor } from "../frame_scores.ts";
import type { MetricOf } from "../metrics/mod.ts";
import { cosine } from "../solo_scores.ts";
import type { ReenactedClip, SeenLandmarks } from "./tracked_clip.ts";

/** Frames that are looked at, evenly spread. */
export const LOOKED_AT = 9;
/** A landmark within this share of the picture's shorter side of the true one is found. */
const NEAR = 1 / 32;
/** Landmarks of the true frame that are surer than this count. */
const SURE = 0.5;

/** Means over the frames; null where there is nothing to compare. */
export type MadePersons = Readonly<Record<MetricOf<"reenact">, number | null>>;

/** Networks that look. */
export interface LookNets {
  /** Of identity. */
  readonly image: SynthImageNet;
  readonly device: Device;
  /** Whether landmarks are looked for. */
  readonly landmarks: boolean;
}

/** Looks at some frames, rgb24, made in place of a clip's. Errors as `trackPersons`. */
export async function madePersons(
  frames: Uint8Array,
  { frames: truth, landmarks, persons }: Pick<ReenactedClip, "frames" | "landmarks" | "persons">,
  nets: LookNets,
): Promise<MadePersons> {
  const made = { ...truth, data: frames };
  const places = placesIn(truth.count);
  const wanted = looksOf(persons[0].reference, 0, nets);
  const identities = places.map((frame) => {
    const found = looksOf(made, frame, nets);
    return wanted && found && cosine(wanted, found);
  }).filter((value) => value !== undefined);
  return {
    landmarksFound: nets.landmarks
      ? await foundOf(made, { places, truth: places.map((frame) => landmarks[frame]) })
      : null,
    identity: meanOf(identities),
  };
}

function placesIn(count: number): number[] {
  const many = Math.min(LOOKED_AT, count);
  const last = Math.max(1, many - 1);
  return Array.from({ length: many }, (_, i) => Math.round(i * (count - 1) / last));
}

function looksOf(
  frames: Frames,
  frame: number,
  { image, device }: LookNets,
): Float32Array | undefined {
  return scope(() =>
    image.looks(image.look(sub(mul(frameTensor(frameAt(frames, frame), frames, device), 2), 1)))
      .person
  );
}

async function foundOf(
  made: Frames,
  { places, truth }: {
    readonly places: readonly number[];
    readonly truth: ReenactedClip["landmarks"];
  },
): Promise<number | null> {
  const some = async function* () {
    for (const frame of places) yield await Promise.resolve(frameAt(made, frame).slice());
  };
  const { width, height, fps } = made;
  const near = NEAR * Math.min(width, height);
  const looked = trackPersons(
    { width, height, fps, frames: some() },
    { hands: false, faces: false, masks: false },
  );
  const shares: number[] = [];
  for await (const { index, persons } of looked) {
    for (const person of truth[index]) shares.push(...shareFound(person, persons, near));
  }
  return meanOf(shares);
}

/** Share of a person's landmarks that the likeliest of those found has too; none where none is sure. */
export function shareFound(
  { uv, sure }: SeenLandmarks,
  persons: readonly Pick<SeenPerson, "body">[],
  near: number,
): number[] {
  const spots = [...sure.keys()].filter((spot) => sure[spot] > SURE);
  if (spots.length === 0) return [];
  const hits = persons.map(({ body: { image } }) =>
    spots.filter((spot) =>
      Math.hypot(image[spot * 3] - uv[spot * 2], image[spot * 3 + 1] - uv[spot * 2 + 1]) <= near
    ).length
  );
  return [Math.max(0, ...hits) / spots.length];
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
