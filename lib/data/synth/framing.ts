/**
 * What of the first person cameras look at, and how near they come for it.
 * @module
 */
import type { BodyPart, Random } from "../../geometry/mod.ts";

/** Parts of the first person that clips can be framed on; `any` draws one for each clip. */
export const synthFramings = ["full", "upper", "face", "any"] as const;

/** One of {@link synthFramings}. */
export type SynthFraming = typeof synthFramings[number];

const ODDS: readonly (readonly [BodyPart, number])[] = [
  ["full", 0.4],
  ["upper", 0.35],
  ["face", 0.25],
];

/** The part that a clip shows. */
export function pickPart(framing: SynthFraming, random: Random): BodyPart {
  if (framing !== "any") return framing;
  let left = random.float();
  for (const [part, share] of ODDS) if ((left -= share) < 0) return part;
  return "full";
}

/** What differs between cameras that look at one part or another. */
export interface CameraLimits {
  /** Smallest distance from the middle of what is looked at, in metres. */
  readonly nearest: number;
  /** Share of the picture's height that it takes. */
  readonly fills: readonly [number, number];
  /** Share of clips from around the front, and how far around: standard deviation, radians. */
  readonly front: readonly [number, number];
  /** Share of reference pictures from anywhere, not from around the front. */
  readonly anywhere: number;
}

/** A head says little from behind, so that it is mostly filmed from the front. */
export const cameraLimits: Readonly<Record<BodyPart, CameraLimits>> = {
  full: { nearest: 1.6, fills: [0.68, 0.95], front: [0.65, 0.8], anywhere: 0.15 },
  upper: { nearest: 0.8, fills: [0.62, 0.95], front: [0.75, 0.7], anywhere: 0.1 },
  face: { nearest: 0.45, fills: [0.52, 0.86], front: [0.85, 0.6], anywhere: 0.05 },
};
