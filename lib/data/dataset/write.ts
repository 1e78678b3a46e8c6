/**
 * Renders data sets of synthetic clips, on several threads and in as many sittings as it takes.
 * @module
 */
import { basename, join } from "node:path";
import { ConfigError, EnvironmentError, InputError, IoError } from "../../errors.ts";
import { motionNames } from "../../geometry/mod.ts";
import { exists, writeJson } from "../../io/mod.ts";
import { bodyPath, readBody } from "../body_file.ts";
import { captureNames } from "../motions/mod.ts";
import {
  cameraKinds,
  checkDressable,
  type ClipKind,
  HELD_OUT_SEED,
  type SynthFraming,
  type SynthPeople,
} from "../synth/mod.ts";
import {
  checkIndex,
  clipsIn,
  type DatasetIndex,
  datasetIndexPath,
  readIndex,
  shardCount,
  shardPath,
  storedIndex,
} from "./layout.ts";
import { listRecordings } from "./recordings.ts";
import type { ShardAnswer, ShardOrder } from "./worker.ts";

/** What to render and where to. */
export interface WriteDatasetOptions {
  /** Folder; made where missing. */
  readonly out: string;
  /** How many clips; each view of a group is one, so a multiple of `views`. */
  readonly clips: number;
  /** Seed of the first group; the next has the next number. From `HELD_OUT_SEED` on: held out. */
  readonly seed: number;
  /** Clips a file, a multiple of `views`; default about 50. */
  readonly shardSize?: number;
  /** Still camera, moving camera, no background; default any camera over a background. */
  readonly kind?: ClipKind;
  /** Fewest and most persons of a clip; default one. */
  readonly persons?: readonly [number, number];
  /** Folder of motion files, at most 255; default the built-in motions. */
  readonly motions?: string;
  /** Share of people who move as the repository's motion capture does; default none. */
  readonly mocap?: number;
  /** Dressed by rules (default), textured, or both. */
  readonly people?: SynthPeople;
  /** Share of places that are photographed; default none. */
  readonly photographed?: number;
  /** What of the first person the pictures show; default all of everybody. */
  readonly frameOn?: SynthFraming;
  /** Cameras that film each scene at the same time; default 1. */
  readonly views?: number;
  /** How many people all clips share; default others in every clip. */
  readonly identities?: number;
  /** How many places all clips share; default another one in every clip. */
  readonly rooms?: number;
  /** Threads; default 1. */
  readonly workers?: number;
  /** Pixels; default 128. */
  readonly width?: number;
  /** Pixels; default 128. */
  readonly height?: number;
  /** Default 17. */
  readonly frames?: number;
  /** Default 8; of several each clip has one. */
  readonly fps?: number | readonly number[];
  /** Records inexact estimates beside what is known of reference pictures. */
  readonly estimates?: boolean;
  /** Cameras expose for the persons; default every place is as bright as it is. */
  readonly metered?: boolean;
  /** File of the body; default the repository's. */
  readonly body?: string;
  /** Stops the work when aborted; finished shards stay. */
  readonly signal?: AbortSignal;
  /** Called after each shard. */
  readonly onShard?: (progress: ShardProgress) => void;
}

/** How far a data set is. */
export interface ShardProgress {
  /** Clips on disk. */
  readonly clips: number;
  /** Clips of the whole set. */
  readonly of: number;
  /** Clips that this call rendered. */
  readonly rendered: number;
}

const ERRORS = { InputError, ConfigError, IoError, EnvironmentError };
/** Held-out seeds plus what tells held-out numbers apart are kept as 32-bit integers. */
const SEED_LIMIT = HELD_OUT_SEED + 2 ** 30;

/**
 * Renders what is missing of a data set. A shard is complete or absent, so an interrupted call can be
 * made again; its bytes depend on the options alone.
 * @throws {InputError} when options are out of range, or the folder holds another data set
 * @throws {IoError} when the disk refuses
 */
export async function writeDataset(options: WriteDatasetOptions): Promise<void> {
  const motionPaths = options.motions === undefined
    ? undefined
    : await listRecordings(options.motions);
  const index = indexOf(options, motionPaths?.map((path) => basename(path)));
  if (options.body) checkDressable(await readBody(options.body));
  await claimFolder(options.out, index);
  const missing: number[] = [];
  let clips = 0, rendered = 0;
  for (let shard = 0; shard < shardCount(index); shard++) {
    if (await exists(shardPath(options.out, shard))) clips += clipsIn(index, shard);
    else missing.push(shard);
  }
  const started: Worker[] = [];
  const runThread = async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    started.push(worker);
    for (let shard = missing.shift(); shard !== undefined; shard = missing.shift()) {
      const body = options.body ?? bodyPath;
      await ask(worker, { bodyPath: body, out: options.out, index, shard, motionPaths });
      clips += clipsIn(index, shard);
      rendered += clipsIn(index, shard);
      options.onShard?.({ clips, of: index.clips, rendered });
    }
  };
  const threads = Math.min(options.workers ?? 1, missing.length);
  try {
    await untilAborted(
      Promise.all(Array.from({ length: threads }, runThread)),
      options.signal,
    );
  } finally {
    started.forEach((worker) => worker.terminate());
    await removeParts(options.out);
  }
}

/** What the promise gives, or the signal's reason as soon as it is aborted. */
async function untilAborted(work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  if (!signal) return void await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A part file that was not written to for so long belongs to nobody any more, in milliseconds. */
const ABANDONED = 10 * 60_000;

/** A thread or process that was ended while it wrote could not remove its part file. */
async function removeParts(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const pid = /^\.shard-\d+\.safetensors\.(\d+)-\d+\.part$/.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(folder, name);
    const { mtime } = await Deno.stat(path).catch(() => ({ mtime: null }));
    const abandoned = mtime !== null && Date.now() - mtime.getTime() > ABANDONED;
    if (abandoned || Number(pid) === Deno.pid) await Deno.remove(path).catch(() => {});
  }
}

function indexOf(options: WriteDatasetOptions, files?: readonly string[]): DatasetIndex {
  const { clips, seed, width = 128, height = 128, frames = 17, fps = 8, workers = 1 } = options;
  const {
    kind = "any",
    persons = [1, 1],
    views = 1,
    identities = 0,
    rooms = 0,
    frameOn = "full",
    estimates = false,
    metered = false,
    mocap = 0,
    people = "procedural",
    photographed = 0,
  } = options;
  if (files && mocap > 0) {
    throw new InputError("motions come from a folder or from the repository, not from both");
  }
  const motions = files ?? [...motionNames, ...(mocap > 0 ? captureNames : [])];
  const { shardSize = Math.max(1, Math.round(50 / views)) * views } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new InputError(`cannot render on ${workers} threads, expected at least 1`);
  }
  checkSeeds(seed, Math.ceil(clips / views));
  if (identities > 0 && identities < persons[1]) {
    throw new InputError(
      `${identities} identities cannot fill clips of ${
        persons[1]
      } persons, expected at least as many`,
    );
  }
  // What version 1 can say is written as it always was, so that such sets can grow.
  const plain = kind === "any" && persons[1] === 1 && views === 1 && !identities && !rooms &&
    frameOn === "full" && !estimates && !metered && !mocap && people === "procedural" &&
    !photographed &&
    typeof fps === "number";
  return checkIndex({
    format: "isa4d-clips",
    version: plain ? 1 : 2,
    clips,
    seed,
    shardSize,
    width,
    height,
    frames,
    fps,
    motions: [...motions],
    cameraKinds: [...cameraKinds],
    ...(plain ? {} : {
      kind,
      persons,
      views,
      identities,
      rooms,
      frameOn,
      estimates,
      metered,
      mocap,
      people,
      photographed,
    }),
  }, "options");
}

function checkSeeds(seed: number, groups: number): void {
  const trains = seed < HELD_OUT_SEED;
  if (seed + groups <= (trains ? HELD_OUT_SEED : SEED_LIMIT)) return;
  throw new InputError(
    `seeds ${seed} to ${seed + groups - 1} are too large, expected to end before ${
      trains ? `${HELD_OUT_SEED}, where the held-out ones start` : SEED_LIMIT
    }`,
  );
}

/** Writes the index, or finds the same one there. A data set may grow by full shards. */
async function claimFolder(out: string, index: DatasetIndex): Promise<void> {
  const path = datasetIndexPath(out);
  if (await exists(path)) {
    const found = await readIndex(out);
    // The version follows from the settings, which say more.
    const wrong = Object.entries(index).find(([key, value]) =>
      key !== "clips" && key !== "version" &&
      JSON.stringify(found[key as keyof DatasetIndex]) !== JSON.stringify(value)
    );
    if (wrong) {
      const [key, value] = wrong;
      throw new InputError(
        `"${out}" holds a data set with ${key} ${
          JSON.stringify(found[key as keyof DatasetIndex])
        }, not ${JSON.stringify(value)}; expected another folder or the same settings`,
      );
    }
    if (found.clips === index.clips) return;
    if (found.clips > index.clips || found.clips % index.shardSize !== 0) {
      throw new InputError(
        `"${out}" holds a data set of ${found.clips} clips in shards of ${index.shardSize}, which cannot become ${index.clips} clips`,
      );
    }
  }
  await Deno.mkdir(out, { recursive: true }).catch((cause) => {
    throw new IoError(`cannot make folder "${out}"`, { cause });
  });
  await writeJson(path, storedIndex(index));
}

function ask(worker: Worker, order: ShardOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ShardAnswer>) => {
      if (data.done) return resolve();
      const Kind = Object.hasOwn(ERRORS, data.name)
        ? ERRORS[data.name as keyof typeof ERRORS]
        : Error;
      reject(new Kind(data.message));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new EnvironmentError(`a rendering thread died: ${event.message}`));
    };
    worker.postMessage(order);
  });
}
