/**
 * What comparisons of views share.
 * @module
 */
import type { BodyPose, Camera } from "../geometry/mod.ts";

/** Seed of the spots, and of what is paired by chance. */
export const VIEW_SEED = 0;

/** Two views, the smaller number first. */
export type ViewNumbers = readonly [number, number];

/** What all views show at one time. */
export interface ViewedInstant {
  readonly views: readonly {
    readonly camera: Camera;
    /** rgb24, of the camera's size. */
    readonly picture: Uint8Array;
  }[];
  /** Of all persons. */
  readonly poses: readonly BodyPose[];
}

/** All pairs of so many views. */
export function pairsOf(views: number): ViewNumbers[] {
  return Array.from({ length: views }, (_, b) => b)
    .flatMap((b) => Array.from({ length: b }, (_, a) => [a, b] as const));
}
