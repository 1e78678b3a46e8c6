/**
 * The independent random streams of a seed: drawing more in one place leaves all others as they were.
 * @module
 */
import { Random } from "../../geometry/mod.ts";

/** Streams of a seed; those of what is held out never meet those of training seeds. */
export interface Streams {
  /** Who the person is. */
  readonly identity: Random;
  /** How it moves. */
  readonly motion: Random;
  /** Where cameras stand. */
  readonly cameras: Random;
  /** The place. */
  readonly scene: Random;
  /** The reference picture. */
  readonly reference: Random;
  /** How many persons, which people and which place of a pool. */
  readonly cast: Random;
  /** Where further persons stand. */
  readonly places: Random;
}

/** All streams of a seed. */
export function streams(seed: number): Streams {
  const root = new Random(seed);
  return {
    identity: root.fork("identity"),
    motion: root.fork("motion"),
    cameras: root.fork("cameras"),
    scene: root.fork("scene"),
    reference: root.fork("reference"),
    cast: root.fork("cast"),
    places: root.fork("places"),
  };
}

/** The stream of person `slot`: the first has the clip's own, as clips of one person always had. */
export function streamOf(random: Random, slot: number): Random {
  return slot === 0 ? random : random.fork(slot);
}
