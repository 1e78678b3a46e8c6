/**
 * The people of a clip: who they are, how they move, and where they stand so that nobody is inside
 * somebody else.
 * @module
 */
import {
  type BodyMesh,
  builtinMotion,
  type Motion,
  motionFrame,
  motionNames,
  Random,
} from "../../geometry/mod.ts";
import type { Subject } from "./camera_moves.ts";
import type { Figure } from "./figure.ts";
import { pickFigure, type Textured } from "./figure_pick.ts";
import {
  HELD_OUT_NUMBER,
  HELD_OUT_SEED,
  pickIdentities,
  type Pools,
  seedOfNumber,
} from "./pools.ts";
import { drawRecorded, type NamedMotion } from "./recorded.ts";
import { CELL, keepsClear, type Occupancy, occupancy } from "./spacing.ts";
import { raised } from "./relaxed_pose.ts";
import { streamOf, type Streams, streams } from "./streams.ts";
import { subjectOf } from "./subject.ts";

/** Somebody in a clip. */
export interface Actor {
  readonly figure: Figure;
  /** See `SynthReference.identity`. */
  readonly identity: number;
  readonly motion: Motion;
  readonly motionName: string;
  readonly subject: Subject;
}

/** What decides on the people of a clip. */
export interface CastOptions {
  readonly seed: number;
  /** Fewest and most persons. */
  readonly persons: readonly [number, number];
  /** Whose numbers count; without them the seed alone says who it is. */
  readonly pools?: Pools;
  readonly frames: number;
  readonly fps: number;
  /** The first person's, instead of a built-in one. */
  readonly motion?: Motion;
  /** Beside the built-in ones. */
  readonly recordings?: readonly NamedMotion[];
  /** Share of people whose motion is recorded; default all where there are recordings. */
  readonly recordedShare?: number;
  /** Textured people beside or instead of those dressed by rules. */
  readonly textured?: Textured;
}

/** People further apart than this, in metres, would be small in the picture. */
const FARTHEST = 2.5;

/** How many places are tried before a person does as the first does, and before far places count. */
const TRIES = { free: 36, alike: 72 };

/** Draws everybody of a clip. */
export function drawCast(body: BodyMesh, options: CastOptions): Actor[] {
  const stream = streams(options.seed);
  const [fewest, most] = options.persons;
  const count = fewest + stream.cast.fork("persons").int(most - fewest + 1);
  const people = drawPeople(stream, count, options);
  const actors: Actor[] = [];
  const taken: Occupancy[] = [];
  for (const [slot, { identity, seed }] of people.entries()) {
    const figure = pickFigure(body, seed, options.textured);
    const actor = slot === 0
      ? actorOf(figure, identity, firstMotion(figure, stream.motion, options))
      : placed({ figure, identity, slot }, { stream, options, actors, taken });
    actors.push(actor);
    if (count > 1) taken.push(spaceOf(actor));
  }
  return actors;
}

/** Seeds of the people and the numbers that records name them by. */
function drawPeople(stream: Streams, count: number, { seed, pools }: CastOptions) {
  if (!pools && count === 1) return [{ identity: hashedIdentity(seed), seed }];
  const numbers = pickIdentities(stream.cast.fork("who"), {
    seed,
    count,
    pools: pools ?? { identities: 0, rooms: 0 },
  });
  return numbers.map((identity) => ({ identity, seed: seedOfNumber(identity) }));
}

/** The name of a seed's person where people have no numbers. */
export function hashedIdentity(seed: number): number {
  const number = new Random(seed).fork("name").bits() >>> 2;
  return number + (seed >= HELD_OUT_SEED ? HELD_OUT_NUMBER : 0);
}

function firstMotion(figure: Figure, random: Random, options: CastOptions): NamedMotion {
  if (options.motion) return { motion: options.motion, motionName: "given" };
  return drawMotion(figure, random, options);
}

function drawMotion(
  { body, shape }: Figure,
  random: Random,
  { frames, fps, recordings, recordedShare = 1 }: CastOptions,
): NamedMotion {
  if (recordings && (recordedShare === 1 || random.fork("recorded").float() < recordedShare)) {
    return drawRecorded(recordings, random, { body, shape, frames, fps });
  }
  const motionName = random.pick(motionNames);
  const style = random.fork("style");
  return { motion: builtinMotion(motionName, { frames, fps, style, body, shape }), motionName };
}

function actorOf(figure: Figure, identity: number, named: NamedMotion): Actor {
  const { body, shape, lift } = figure;
  const motion = raised(named.motion, lift);
  return { figure, identity, ...named, motion, subject: subjectOf(body, motion, shape) };
}

function spaceOf({ figure, motion }: Actor): Occupancy {
  const frames = Array.from({ length: motion.frames }, (_, frame) => frame);
  return occupancy(
    frames.map((frame) => figure.pose(motionFrame(motion, frame)).vertices),
    figure.drawn,
  );
}

interface Company {
  readonly stream: Streams;
  readonly options: CastOptions;
  readonly actors: readonly Actor[];
  readonly taken: readonly Occupancy[];
}

/** A further person, beside those who are there; tried at random, farther off each time. */
function placed(
  { figure, identity, slot }: { figure: Figure; identity: number; slot: number },
  { stream, options, actors, taken }: Company,
): Actor {
  const motions = streamOf(stream.motion, slot);
  const places = streamOf(stream.places, slot);
  let actor: Actor | undefined, space: Occupancy = [];
  for (let attempt = 0;; attempt++) {
    if (attempt === TRIES.free || (attempt < TRIES.free && attempt % 12 === 0) || !actor) {
      const named = attempt < TRIES.free
        ? drawMotion(figure, motions.fork(attempt), options)
        : sameMotion(figure, actors[0], motions.fork(attempt));
      actor = actorOf(figure, identity, named);
      space = spaceOf(actor);
    }
    const away = places.range(0.5, 1.1) + 0.04 * attempt;
    const turn = places.range(0, 2 * Math.PI);
    const partner = places.pick(actors);
    const shift = [0, 2].map((axis) => {
      const from = partner.subject.centres[axis] - actor!.subject.centres[axis];
      return Math.round((from + away * (axis ? Math.cos(turn) : Math.sin(turn))) / CELL);
    }) as [number, number];
    const near = attempt >= TRIES.alike || staysNear(actor, actors, shift);
    if (near && taken.every((other) => keepsClear(space, other, shift))) {
      return movedTo(actor, shift);
    }
  }
}

/** The first person's movement in its direction; of built-in ones, each has their own way. */
function sameMotion(
  { body, shape }: Figure,
  first: Actor,
  style: Random,
): NamedMotion {
  const { motion, motionName, subject } = first;
  if (!motionNames.includes(motionName)) return { motion, motionName };
  const { frames, fps } = motion;
  const heading = subject.facing * 180 / Math.PI;
  return {
    motion: builtinMotion(motionName, { frames, fps, style, heading, body, shape }),
    motionName,
  };
}

function staysNear(
  { subject: { centres } }: Actor,
  actors: readonly Actor[],
  [shiftX, shiftZ]: readonly [number, number],
): boolean {
  return actors.every(({ subject: { centres: others } }) => {
    for (let i = 0; i < centres.length; i += 3) {
      const dx = centres[i] + shiftX * CELL - others[i];
      const dz = centres[i + 2] + shiftZ * CELL - others[i + 2];
      if (Math.hypot(dx, dz) > FARTHEST) return false;
    }
    return true;
  });
}

/** The actor elsewhere; bodies and what cameras know of them move alike. */
function movedTo(actor: Actor, [x, z]: readonly [number, number]): Actor {
  const by = [x * CELL, 0, z * CELL];
  const moved = (places: Float32Array) => places.map((value, i) => value + by[i % 3]);
  const { motion, subject } = actor;
  return {
    ...actor,
    motion: { ...motion, translations: moved(motion.translations) },
    subject: { ...subject, points: subject.points.map(moved), centres: moved(subject.centres) },
  };
}
