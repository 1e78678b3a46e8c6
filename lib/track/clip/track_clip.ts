/**
 * From a video to a person's motion: seen, fitted, judged; all of it from the cache where it is there.
 * @module
 */
import { join } from "node:path";
import type { BodyMesh } from "../../geometry/mod.ts";
import { getThreads, setThreads } from "../../tensor/mod.ts";
import type { SeenFrame, SeenPerson } from "../../perception/mod.ts";
import { floorUnder } from "../floor.ts";
import { nameOfChoice } from "./clip_cache.ts";
import { fitFileName, type FittedPerson, keepFit, recallFit } from "./fitted_person.ts";
import { type BodyRegion, judgeClip, unseenRegions } from "./frame_fits.ts";
import { choosePerson, type ClipPerson, isCrowd, personsIn } from "./persons.ts";
import { MOST_PERSONS } from "./seen_frames.ts";
import { watchClip, type WatchedClip, type WatchOptions } from "./watch_clip.ts";

/** Whose motion is wanted, and how the video is seen. */
export interface TrackClipOptions extends WatchOptions {
  /** The own body. */
  readonly body: BodyMesh;
  /** The person's number, the largest first; default 1. */
  readonly person?: number;
  /**
   * Also fit the body's edges to the mask's: bare bodies cover masks better, and long hair and benches
   * count as body. Default false.
   */
  readonly outlines?: boolean;
  /** Is told of each step of the fit. */
  readonly onFit?: (state: { readonly step: number; readonly of: number }) => void;
}

/** A person's motion out of a video. World: Y up, the floor at 0, the camera over x = z = 0; metres. */
export interface TrackedClip extends WatchedClip, FittedPerson {
  /** Whose motion it is. */
  readonly person: ClipPerson;
  /** Everybody who could have been chosen. */
  readonly persons: readonly ClipPerson[];
  /** What of the person is hardly ever seen. */
  readonly unseen: readonly BodyRegion[];
  /** What the user should know, one line each. */
  readonly notices: readonly string[];
}

/**
 * Finds, follows and fits a person of a video.
 *
 * Throws {@linkcode InputError} for what is no video, nobody in it, or no person of that number;
 * {@linkcode EnvironmentError} where networks or a place for the cache are missing; {@linkcode IoError}
 * for a full disk.
 */
export async function trackClip(path: string, options: TrackClipOptions): Promise<TrackedClip> {
  // Layers are small: a second thread saves a fifth, and costs many times as much where others work too.
  const threads = getThreads();
  setThreads(1);
  try {
    return await tracked(path, options);
  } finally {
    setThreads(threads);
  }
}

async function tracked(path: string, options: TrackClipOptions): Promise<TrackedClip> {
  const watched = await watchClip(path, options);
  const { camera, frames } = watched;
  const persons = personsIn(frames);
  const person = choosePerson(persons, { path, number: options.person });
  const seen = framesOf(frames, person.id);
  const choice = await nameOfChoice(options.camera);
  const fitOf = async ({ id }: ClipPerson, before?: FittedPerson) => {
    const { folder, width, height, fps } = watched;
    const seen = framesOf(frames, id);
    const edges = options.outlines ? ["outlines"] : [];
    const file = join(folder, fitFileName([choice, `${frames.length}-frames`, ...edges, id]));
    // All stand on one floor before one lens.
    const [first] = before?.cameras ?? [];
    const floor = first && !unseenRegions(seen).includes("legs") ? floorUnder(first) : undefined;
    const clip = {
      ...{ width, height, fps, frames: seen, turns: camera.rotations },
      ...{ focal: camera.focal ?? first?.fx, floor },
      marks: watched.marks.filter(({ person }) => person === id),
    };
    return await recallFit(file, options.body) ??
      await keepFit(file, clip, { ...options, folder, id });
  };
  const [largest] = persons;
  const before = person === largest ? undefined : await fitOf(largest);
  const fitted = await fitOf(person, before);
  const unseen = unseenRegions(seen);
  return {
    ...{ ...watched, ...fitted, person, persons, unseen },
    notices: [
      ...persons.length > 1 && options.person === undefined
        ? [
          `the largest of ${persons.length} persons is used; choose with #person=1 to ${persons.length}`,
        ]
        : [],
      ...camera.kind === "moving" ? [camera.says] : [],
      ...isCrowd(frames)
        ? [`there are many persons: only ${MOST_PERSONS} at once are followed`]
        : [],
      ...judgeClip(fitted.fits, { ...watched, seen, unseen }),
    ],
  };
}

function framesOf(frames: readonly SeenFrame[], id: number): (SeenPerson | undefined)[] {
  return frames.map(({ persons }) => persons.find((person) => person.id === id));
}
