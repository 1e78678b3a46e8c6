/**
 * Who is in a clip, and who is meant.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { SeenFrame } from "../../perception/mod.ts";
import { MOST_PERSONS } from "./seen_frames.ts";

/** A person of a clip. */
export interface ClipPerson {
  /** From 1, the one who takes the most room over the whole clip first. */
  readonly number: number;
  /** Its number in the frames. */
  readonly id: number;
  /** Frames that show it. */
  readonly frames: number;
}

/** Who is seen in less than this share of the frames, or in fewer frames, is a mistake or passes by. */
const LASTS = 0.04, FEWEST = 3;

/** Everybody in a clip who is seen for more than a moment. */
export function personsIn(frames: readonly SeenFrame[]): ClipPerson[] {
  const found = new Map<number, { readonly id: number; frames: number; area: number }>();
  for (const { persons } of frames) {
    for (const { id, box } of persons) {
      const known = found.get(id) ?? { id, frames: 0, area: 0 };
      known.frames++;
      known.area += box.width * box.height;
      found.set(id, known);
    }
  }
  const least = Math.min(frames.length, Math.max(FEWEST, LASTS * frames.length));
  return [...found.values()].filter((one) => one.frames >= least)
    .sort((a, b) => b.area - a.area)
    .map(({ id, frames }, i) => ({ number: i + 1, id, frames }));
}

/**
 * The person of that number, or the largest. Throws {@linkcode InputError} where there is nobody, or
 * nobody of that number.
 */
export function choosePerson(
  persons: readonly ClipPerson[],
  { path, number = 1 }: { readonly path: string; readonly number?: number },
): ClipPerson {
  if (persons.length === 0) {
    throw new InputError(
      `found nobody in "${path}": expected a person visible from head to hips at least, and no smaller than a sixth of the picture's shorter side`,
    );
  }
  const chosen = persons.find((person) => person.number === number);
  if (chosen) return chosen;
  const [there, wanted] = persons.length === 1
    ? ["1 person", "1"]
    : [`${persons.length} persons`, `1 to ${persons.length}`];
  throw new InputError(`"${path}" shows ${there}, expected ${wanted}, found #person=${number}`);
}

/** Whether some frames show more persons than are followed. */
export function isCrowd(frames: readonly SeenFrame[]): boolean {
  return frames.some(({ persons }) => persons.length >= MOST_PERSONS);
}
