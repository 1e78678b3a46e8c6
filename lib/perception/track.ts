/**
 * Following persons over a clip: each is sought where its points were in the frame before, as
 * MediaPipe does; newcomers are looked for now and then, and at once where somebody was lost.
 * @module
 */
import { frameAt, type Frames, type FrameStream } from "../io/mod.ts";
import { bodiesIn, type BodyAnswer } from "./body.ts";
import {
  distinct,
  LEAST_SCORE,
  type LookOptions,
  newcomers,
  overlap,
  personsOf,
  searchParts,
} from "./look.ts";
import { type Networks, type NetworksOptions, openNetworks } from "./networks.ts";
import { Pyramid, type Rgb, type Square } from "./picture.ts";
import type { SeenFrame, SeenPerson } from "./types.ts";

/** How persons are followed. */
export interface TrackOptions extends LookOptions, NetworksOptions {
  /** Most persons at once; default 8. */
  readonly most?: number;
  /** Goes on behind this frame of the same clip: the stream begins with the next one. */
  readonly after?: Following;
}

/** What following needs to know of the frames before; plain numbers, good for JSON. */
export interface Following {
  /** Frames so far. */
  readonly frames: number;
  /** Numbers that were given so far. */
  readonly ids: number;
  /** Persons of the last frame. */
  readonly tracks: readonly Followed[];
  /** Persons who may come back. */
  readonly lost: readonly Followed[];
}

/** Where a person is sought next. */
export interface Followed {
  /** The person's number. */
  readonly id: number;
  /** Around the body. */
  readonly next: Square;
  /** The frame in which it was seen last. */
  readonly seen: number;
  /** Around the face, where one was seen. */
  readonly face?: Square;
}

/** A frame, and how to go on behind it. */
export interface FollowedFrame extends SeenFrame {
  /** What the next frame needs to know. */
  readonly following: Following;
}

/** Frames between two looks for newcomers, each in another part of the picture. */
const LOOK_EVERY = 3;
/** Frames for which somebody who was lost is remembered. */
const REMEMBER = 48;
/** A newcomer whose square overlaps so much with that of somebody lost is that person. */
const RETURN = 0.25;

interface Track extends Omit<Followed, "next"> {
  readonly answer: BodyAnswer;
}

/** Follows persons from frame to frame. */
export class PersonTracker {
  readonly #networks: Networks;
  readonly #options: TrackOptions;
  #tracks: readonly Followed[] = [];
  #lost: readonly Followed[] = [];
  #frame = 0;
  #ids = 0;

  /** The networks stay the caller's. */
  constructor(networks: Networks, options: Omit<TrackOptions, keyof NetworksOptions> = {}) {
    this.#networks = networks;
    this.#options = options;
    if (options.after === undefined) return;
    const { frames, ids, tracks, lost } = options.after;
    [this.#frame, this.#ids, this.#tracks, this.#lost] = [frames, ids, tracks, lost];
  }

  /** Whom the next frame of the clip shows. */
  see(rgb: Rgb): FollowedFrame {
    using picture = new Pyramid(rgb, this.#networks);
    const index = this.#frame++;
    const { most = 8 } = this.#options;
    const tracks = [...this.#follow(picture, index)];
    const parts = this.#parts(picture, { index, followed: tracks.length });
    if (parts.length > 0 && tracks.length < most) {
      const known = tracks.map(({ answer }) => answer);
      const found = newcomers(this.#networks, picture, { parts, known });
      const bySize = found.toSorted((a, b) => b.next.size - a.next.size);
      tracks.push(...bySize.slice(0, most - tracks.length).map((a) => this.#enter(a, index)));
    }
    tracks.sort((a, b) => a.id - b.id);
    const looks = personsOf(this.#networks, picture, { ...this.#options, bodies: tracks });
    this.#tracks = tracks.map(({ id, seen, answer: { next } }, i) => ({
      ...{ id, seen, next },
      face: looks[i].face,
    }));
    const { width, height } = rgb;
    return {
      ...{ index, width, height, persons: looks.map(({ person }) => person) },
      following: { frames: index + 1, ids: this.#ids, tracks: this.#tracks, lost: this.#lost },
    };
  }

  #follow(picture: Pyramid, seen: number): Track[] {
    const before = this.#tracks;
    const squares = before.map(({ next }) => next);
    const answers = bodiesIn(this.#networks.body, picture, squares);
    const tracks = before.map((track, i) => ({ ...track, answer: answers[i], seen }));
    // Of two that now follow one person, the one whose square moved less goes on.
    const moved = tracks.map(({ answer }, i) => 1 - overlap(answer.next, squares[i]));
    const order = tracks.filter(({ answer }) => answer.score >= LEAST_SCORE)
      .toSorted((a, b) => moved[tracks.indexOf(a)] - moved[tracks.indexOf(b)]);
    const kept = new Set(distinct(order.map(({ answer }) => answer)));
    const remembered = this.#lost.filter(({ seen: last }) => seen - last <= REMEMBER);
    this.#lost = [...remembered, ...before.filter((_, i) => !kept.has(answers[i]))];
    return tracks.filter(({ answer }) => kept.has(answer));
  }

  /** Where newcomers are sought in this frame. */
  #parts(
    picture: Pyramid,
    { index, followed }: { readonly index: number; readonly followed: number },
  ): Square[] {
    const parts = searchParts(picture);
    if (index === 0 || followed < this.#tracks.length) return parts;
    if (followed === 0) return [parts[index % parts.length]];
    return index % LOOK_EVERY === 0 ? [parts[index / LOOK_EVERY % parts.length]] : [];
  }

  /** Somebody who was lost not far from here, or a new person. */
  #enter(answer: BodyAnswer, seen: number): Track {
    const near = ({ next }: Followed) => overlap(next, answer.next);
    const [known] = this.#lost.toSorted((a, b) => near(b) - near(a));
    if (!known || near(known) < RETURN) return { id: ++this.#ids, answer, seen };
    this.#lost = this.#lost.filter((track) => track !== known);
    return { id: known.id, answer, seen };
  }
}

/**
 * Persons in a clip, frame by frame. Networks come into `.deps` at their first use.
 *
 * Throws {@linkcode EnvironmentError} where the networks cannot be had, {@linkcode InputError} for a
 * damaged file of theirs, and what the stream throws.
 */
export async function* trackPersons(
  clip: FrameStream,
  options: TrackOptions = {},
): AsyncGenerator<FollowedFrame> {
  using networks = await openNetworks(options);
  const tracker = new PersonTracker(networks, options);
  const { width, height } = clip;
  for await (const data of clip.frames) yield tracker.see({ width, height, data });
}

/** Persons in a single picture, the largest first. Errors as {@linkcode trackPersons}. */
export async function perceivePhoto(
  photo: Frames,
  options: TrackOptions = {},
): Promise<readonly SeenPerson[]> {
  using networks = await openNetworks(options);
  const persons = new PersonTracker(networks, options).see({ ...photo, data: frameAt(photo, 0) })
    .persons;
  return persons.toSorted((a, b) => areaOf(b) - areaOf(a)).map((person, i) => ({
    ...person,
    id: i + 1,
  }));
}

const areaOf = ({ box }: SeenPerson) => box.width * box.height;
