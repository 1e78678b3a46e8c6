/**
 * What was seen in some frames of a clip, or in a photograph, as a file, so that nobody has to look twice.
 * @module
 */
import { InputError } from "../errors.ts";
import { maxSide, readNpz, writeNpz } from "../io/mod.ts";
import type {
  FaceLandmarks,
  Following,
  HandLandmarks,
  SeenFrame,
  SeenPerson,
} from "../perception/mod.ts";
import { packMask, unpackMask } from "./mask_runs.ts";

/** Neighbouring frames, and how following goes on behind them; a photograph has nothing to follow. */
export interface SeenFrames {
  readonly frames: readonly SeenFrame[];
  readonly following?: Following;
}

/** What of a person is no array of numbers; scores stand for what was found. */
interface PersonFacts extends Pick<SeenPerson, "id" | "box" | "score"> {
  readonly leftHand?: number;
  readonly rightHand?: number;
  readonly face?: number;
  /** Numbers of its mask's runs. */
  readonly mask: number;
}

interface Facts {
  readonly width: number;
  readonly height: number;
  /** Number of the first frame. */
  readonly first: number;
  readonly frames: readonly (readonly PersonFacts[])[];
  readonly following?: Following;
}

/** Numbers of a body's, a hand's and a face's landmarks. */
const [BODY, HAND, FACE] = [33, 21, 468];

/** Writes frames, whole or not at all. Throws {@linkcode IoError} where the disk refuses. */
export async function writeSeen(
  path: string,
  { frames, following }: SeenFrames,
): Promise<void> {
  const [{ width, height, index: first }] = frames;
  const numbers: Float32Array[] = [];
  const masks: Uint16Array[] = [];
  const facts: Facts = {
    ...{ width, height, first, following },
    frames: frames.map(({ persons }) =>
      persons.map(({ id, box, score, body, leftHand, rightHand, face, mask }) => {
        const runs = mask ? packMask(mask) : new Uint16Array();
        numbers.push(body.image, body.world, body.visibility, body.presence);
        for (const hand of [leftHand, rightHand]) if (hand) numbers.push(hand.image, hand.world);
        if (face) numbers.push(face.image);
        masks.push(runs);
        return {
          ...{ id, box, score, mask: runs.length },
          ...{ leftHand: leftHand?.score, rightHand: rightHand?.score, face: face?.score },
        };
      })
    ),
  };
  const text = new TextEncoder().encode(JSON.stringify(facts));
  const floats = Float32Array.from(numbers.flatMap((some) => [...some]));
  const runs = Uint16Array.from(masks.flatMap((some) => [...some]));
  await writeNpz(
    path,
    new Map([
      ["facts", { dtype: "uint8", shape: [text.length], data: text }],
      ["numbers", { dtype: "float32", shape: [floats.length], data: floats }],
      ["masks", { dtype: "uint16", shape: [runs.length], data: runs }],
    ]),
  );
}

/**
 * Reads frames; `masks: false` leaves their masks out. Throws {@linkcode InputError} for a missing or
 * damaged file.
 */
export async function readSeen(
  path: string,
  { masks = true }: { readonly masks?: boolean } = {},
): Promise<SeenFrames> {
  const arrays = await readNpz(path, { names: ["facts", "numbers", "masks"] });
  const [text, numbers, runs] = ["facts", "numbers", "masks"].map((name) => arrays.get(name)?.data);
  if (
    !(text instanceof Uint8Array && numbers instanceof Float32Array && runs instanceof Uint16Array)
  ) throw new InputError(`cannot read "${path}": it does not hold frames of persons`);
  try {
    return framesOf(JSON.parse(new TextDecoder().decode(text)), { numbers, runs, masks });
  } catch (cause) {
    throw new InputError(`cannot read "${path}": it is damaged`, { cause });
  }
}

function framesOf(
  { width, height, first, following, frames }: Facts,
  { numbers, runs, masks }: {
    readonly numbers: Float32Array;
    readonly runs: Uint16Array;
    readonly masks: boolean;
  },
): SeenFrames {
  if (![width, height].every((side) => Number.isInteger(side) && side > 0 && side <= maxSide)) {
    throw new RangeError(`frames of ${width}x${height}`);
  }
  const take = taker(numbers), takeRuns = taker(runs);
  return {
    frames: frames.map((persons, i): SeenFrame => ({
      ...{ index: first + i, width, height },
      persons: persons.map((person) => {
        const own = takeRuns(person.mask);
        return {
          ...personOf(person, take),
          ...masks && own.length > 0 ? { mask: unpackMask(own, { width, height }) } : {},
        };
      }),
    })),
    following,
  };
}

/** Gives one piece after the other. */
function taker<T extends Float32Array | Uint16Array>(all: T): (length: number) => T {
  let at = 0;
  return (length) => {
    if (!(at + length <= all.length)) {
      throw new RangeError(`${length} numbers, ${all.length - at} left`);
    }
    return all.slice(at, at += length) as T;
  };
}

function personOf(
  { id, box, score, leftHand, rightHand, face }: PersonFacts,
  take: (length: number) => Float32Array,
): SeenPerson {
  const body = {
    ...{ image: take(BODY * 3), world: take(BODY * 3) },
    ...{ visibility: take(BODY), presence: take(BODY) },
  };
  const hand = (score?: number): HandLandmarks | undefined =>
    score === undefined ? undefined : { image: take(HAND * 3), world: take(HAND * 3), score };
  const [left, right] = [hand(leftHand), hand(rightHand)];
  const looks: FaceLandmarks | undefined = face === undefined
    ? undefined
    : { image: take(FACE * 3), score: face };
  return { ...{ id, box, score, body }, leftHand: left, rightHand: right, face: looks };
}
