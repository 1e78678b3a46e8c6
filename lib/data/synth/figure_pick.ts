/**
 * The figure that a seed draws.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";
import { InputError } from "../../errors.ts";
import { dressedFigure, type Figure } from "./figure.ts";
import { drawOutfit } from "./outfit.ts";
import { HELD_OUT_SEED } from "./pools.ts";
import { streams } from "./streams.ts";
import { drawLook, texturedFigure, type TexturedPerson } from "./textured.ts";

/** Textured people, and which share of numbers is one of them. */
export interface Textured {
  readonly people: readonly TexturedPerson[];
  /** Above 0, at most 1. */
  readonly share: number;
}

/** The person of a seed: dressed by rules, or one of the textured ones for training or held out. */
export function pickFigure(body: BodyMesh, seed: number, textured?: Textured): Figure {
  const random = streams(seed).identity;
  if (!textured || random.fork("textured").float() >= textured.share) {
    return dressedFigure(body, drawOutfit(random));
  }
  const heldOut = seed >= HELD_OUT_SEED;
  const people = textured.people.filter((person) => person.heldOut === heldOut);
  if (people.length === 0) {
    throw new InputError(`there are no textured people ${heldOut ? "held out" : "for training"}`);
  }
  const person = random.fork("person").pick(people);
  return texturedFigure(body, person, drawLook(random.fork("look")));
}
