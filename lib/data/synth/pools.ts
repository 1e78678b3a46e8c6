/**
 * Who and where by number: people and places that many clips share, apart for training and held out.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Random } from "../../geometry/mod.ts";

/** Seeds from here on are held out: no training set may contain them. */
export const HELD_OUT_SEED = 1_000_000_000;

/** Numbers of people and places from here on are held out. */
export const HELD_OUT_NUMBER: number = 2 ** 30;

/** What clips are for: `any`; the paper's still camera, moving camera, and no background. */
export const clipKinds = ["any", "video", "camera", "mask"] as const;

/** One of {@link clipKinds}. */
export type ClipKind = typeof clipKinds[number];

/** How many people and places clips choose from; 0 draws new ones for every clip. */
export interface Pools {
  /** People are the numbers 0 … identities − 1, for held-out seeds with `HELD_OUT_NUMBER` added. */
  readonly identities: number;
  /** Places likewise. */
  readonly rooms: number;
}

/** The seed that a numbered person or place is drawn from: `renderReference` shows that person. */
export function seedOfNumber(number: number): number {
  return number < HELD_OUT_NUMBER ? number : number - HELD_OUT_NUMBER + HELD_OUT_SEED;
}

/** The number of the person or place that a seed draws. */
export function numberOfSeed(seed: number): number {
  return seed < HELD_OUT_SEED ? seed : seed - HELD_OUT_SEED + HELD_OUT_NUMBER;
}

/** Numbers of `count` different people for the clip of a seed. */
export function pickIdentities(
  random: Random,
  { seed, count, pools }: { seed: number; count: number; pools: Pools },
): number[] {
  const first = seed < HELD_OUT_SEED ? 0 : HELD_OUT_NUMBER;
  const all = pools.identities || HELD_OUT_SEED;
  if (all < count) {
    throw new InputError(
      `${all} identities cannot fill a clip of ${count} persons, expected at least as many`,
    );
  }
  const picked = pools.identities ? [] : [numberOfSeed(seed)];
  while (picked.length < count) {
    const number = first + random.int(all);
    if (!picked.includes(number)) picked.push(number);
  }
  return picked;
}

/** The number of a place for the clip of a seed. */
export function pickRoom(random: Random, seed: number, rooms: number): number {
  if (rooms === 0) return numberOfSeed(seed);
  return (seed < HELD_OUT_SEED ? 0 : HELD_OUT_NUMBER) + random.int(rooms);
}
