/**
 * How a data set of synthetic clips lies on disk: `index.json` and one safetensors file for every
 * `shardSize` clips.
 * @module
 */
import { z } from "zod";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { readJson } from "../../io/mod.ts";
import {
  type ClipKind,
  clipKinds,
  type SynthFraming,
  synthFramings,
  type SynthPeople,
  synthPeople,
} from "../synth/mod.ts";

/** Content of `index.json`: what all clips share, and which they are. */
export interface DatasetIndex {
  /** Tells the file from others. */
  readonly format: "isa4d-clips";
  /** Of the layout (see `datasetFields`). Version 1 has one person, one view, no pools, any kind. */
  readonly version: 1 | 2;
  /** How many clips the whole data set has; each view of a group is one. */
  readonly clips: number;
  /** Group i is drawn from seed `seed + i`; with one view a group is a clip. */
  readonly seed: number;
  /** Clips a file; the last may have fewer. */
  readonly shardSize: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a clip. */
  readonly frames: number;
  /** Frames a second; of several each clip has one. */
  readonly fps: readonly number[];
  /** Names that the stored motion numbers stand for. */
  readonly motions: readonly string[];
  /** Names that the stored camera numbers stand for. */
  readonly cameraKinds: readonly string[];
  /** What the clips are for. */
  readonly kind: ClipKind;
  /** Fewest and most persons of a clip; a record has a slot for each of the most. */
  readonly persons: readonly [number, number];
  /** Cameras that film each group; clips v·views … are the views of one group. */
  readonly views: number;
  /** How many people there are, by number; 0: others in every clip. */
  readonly identities: number;
  /** How many places there are, by number; 0: another one in every clip. */
  readonly rooms: number;
  /** What of the first person the pictures show. */
  readonly frameOn: SynthFraming;
  /** Whether inexact estimates stand beside what is known of reference pictures. */
  readonly estimates: boolean;
  /** Whether cameras expose for the persons. */
  readonly metered: boolean;
  /** Share of people who move as the repository's motion capture does. */
  readonly mocap: number;
  /** Dressed by rules, textured, or both. */
  readonly people: SynthPeople;
  /** Share of places that are photographed. */
  readonly photographed: number;
}

/** What sets had before they could have anything else: not in the file where it is so. */
const LATER = {
  frameOn: "full",
  estimates: false,
  metered: false,
  mocap: 0,
  people: "procedural",
  photographed: 0,
} as const;

/** What version 1 does not say. */
const ONE_PERSON = {
  kind: "any",
  persons: [1, 1],
  views: 1,
  identities: 0,
  rooms: 0,
  ...LATER,
} as const;

/** Most persons of a clip. */
const MOST_PERSONS = 8;

const common = {
  format: z.literal("isa4d-clips"),
  clips: z.int().min(1),
  seed: z.int().min(0),
  shardSize: z.int().min(1),
  width: z.int().min(2).max(4096),
  height: z.int().min(2).max(4096),
  frames: z.int().min(1),
  fps: z.union([z.number().positive(), z.array(z.number().positive()).min(2)])
    .transform((fps) => typeof fps === "number" ? [fps] : fps),
  motions: z.array(z.string()),
  cameraKinds: z.array(z.string()),
};

const formatSchema = z.object({ format: common.format });

const people = z.int().min(1).max(MOST_PERSONS);

const indexSchema: z.ZodType<DatasetIndex> = z.discriminatedUnion("version", [
  z.object({ ...common, version: z.literal(1) }).transform((index) => ({
    ...index,
    ...ONE_PERSON,
  })),
  z.object({
    ...common,
    version: z.literal(2),
    kind: z.enum(clipKinds),
    persons: z.tuple([people, people]).refine(([few, most]) => few <= most, "fewest above most"),
    views: z.int().min(1).max(64),
    identities: z.int().min(0),
    rooms: z.int().min(0),
    frameOn: z.enum(synthFramings).default(LATER.frameOn),
    estimates: z.boolean().default(LATER.estimates),
    metered: z.boolean().default(LATER.metered),
    mocap: z.number().min(0).max(1).default(LATER.mocap),
    people: z.enum(synthPeople).default(LATER.people),
    photographed: z.number().min(0).max(1).default(LATER.photographed),
  }).refine(
    ({ clips, shardSize, views }) => clips % views === 0 && shardSize % views === 0,
    "clips and shardSize have to be multiples of views",
  ),
]);

/** What the index file says: sets of older releases as they always were. */
export function storedIndex({ format, version, ...rest }: DatasetIndex): object {
  const index = { format, version, ...rest, fps: rest.fps.length === 1 ? rest.fps[0] : rest.fps };
  const isUnsaid = (key: string, value: unknown) =>
    version === 1 ? key in ONE_PERSON : LATER[key as keyof typeof LATER] === value;
  return Object.fromEntries(Object.entries(index).filter(([key, value]) => !isUnsaid(key, value)));
}

/** Path of a data set's index. */
export function datasetIndexPath(folder: string): string {
  return join(folder, "index.json");
}

/** Path of a shard. */
export function shardPath(folder: string, shard: number): string {
  return join(folder, `shard-${String(shard).padStart(5, "0")}.safetensors`);
}

/** The shard that a file name is of; undefined for other files. */
export function shardNumber(name: string): number | undefined {
  const digits = /^shard-(\d{5,})\.safetensors$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** How many shards the whole data set has. */
export function shardCount({ clips, shardSize }: DatasetIndex): number {
  return Math.ceil(clips / shardSize);
}

/** How many clips a shard has. */
export function clipsIn({ clips, shardSize }: DatasetIndex, shard: number): number {
  return Math.min(shardSize, clips - shard * shardSize);
}

/** Checks an index; `path` is what messages call it. */
export function checkIndex(value: unknown, path: string): DatasetIndex {
  const ours = formatSchema.safeParse(value);
  const result = ours.success ? indexSchema.safeParse(value) : ours;
  if (result.success) return result.data as DatasetIndex;
  const { path: field, message } = result.error.issues[0];
  throw new InputError(
    `cannot use data set index "${path}": ${field.join(".") || "the file"}: ${message}`,
    { cause: result.error },
  );
}

/** Reads and checks `index.json`. Throws InputError where it is missing or no data set's. */
export async function readIndex(folder: string): Promise<DatasetIndex> {
  const path = datasetIndexPath(folder);
  return checkIndex(await readJson(path), path);
}
