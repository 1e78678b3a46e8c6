/**
 * Whether several views show the same scene at the same time: the same colours at spots of the bodies,
 * and points that look alike where the cameras let one point lie.
 * @module
 */
import { InputError } from "../errors.ts";
import type { BodyMesh, BodyPose, CameraPath } from "../geometry/mod.ts";
import type { VideoReader } from "../io/mod.ts";
import { openFrames } from "./open_frames.ts";
import { cameraAngle, type EpipolarScores, MatchComparison } from "./view_matches.ts";
import { pairsOf, type ViewedInstant, type ViewNumbers } from "./view_pairs.ts";
import { SpotComparison, type SpotScores } from "./view_spots.ts";

/** One view of a scene. */
export interface View {
  readonly path: string;
  /** One a frame. */
  readonly cameras: CameraPath;
}

/** What all views show. */
export interface ViewedScene {
  readonly body: BodyMesh;
  /** Poses of all persons, one list a frame. */
  readonly poses: readonly (readonly BodyPose[])[];
}

/** How well two views agree. */
export interface ViewPair extends SpotScores {
  readonly views: ViewNumbers;
  /** Degrees between the cameras' directions, mean over the frames. */
  readonly angle: number;
  readonly epipolar: EpipolarScores;
}

/** How well all views agree. */
export interface ViewAgreement {
  /** 1 − difference / byChance over all pairs: 1 where views agree, 0 where they do by chance only. */
  readonly consistency: number | null;
  /** Matches of all pairs. */
  readonly epipolar: EpipolarScores;
  readonly pairs: readonly ViewPair[];
}

/** Agreement of videos. */
export interface ViewScores extends ViewAgreement {
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/**
 * Reads all views side by side and compares what each two see.
 *
 * @throws InputError for fewer than two views, and for videos that do not fit their cameras
 */
export async function viewScores(
  views: readonly View[],
  scene: ViewedScene,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ViewScores> {
  if (views.length < 2) throw new InputError(`${views.length} view, expected two or more`);
  const readers: VideoReader[] = [];
  const comparison = new ViewComparison(scene.body, views.length);
  try {
    for (const { path } of views) readers.push(await openFrames(path));
    for (const [i, reader] of readers.entries()) checkSize(views[i], reader);
    for (const [frame, poses] of scene.poses.entries()) {
      signal?.throwIfAborted();
      const pictures = await Promise.all(readers.map(({ frames }) => frames.next()));
      const ended = pictures.findIndex(({ done }) => done);
      if (ended >= 0) {
        throw new InputError(
          `"${views[ended].path}" has ${frame} frames, the record asks for ${scene.poses.length}`,
        );
      }
      comparison.add({
        poses,
        views: pictures.map(({ value }, view) => ({
          camera: views[view].cameras[frame],
          picture: value as Uint8Array,
        })),
      });
    }
    await checkEnds(views, readers, scene.poses.length);
  } finally {
    for (const { frames } of readers) await frames.return(undefined);
  }
  const [{ width, height }] = readers;
  return { frames: scene.poses.length, width, height, ...comparison.result() };
}

function checkSize({ path, cameras }: View, { width, height }: VideoReader): void {
  const [camera] = cameras;
  if (camera.width === width && camera.height === height) return;
  throw new InputError(
    `"${path}" has frames of ${width}×${height}, its cameras ${camera.width}×${camera.height}`,
  );
}

async function checkEnds(
  views: readonly View[],
  readers: readonly VideoReader[],
  frames: number,
): Promise<void> {
  for (const [i, reader] of readers.entries()) {
    if ((await reader.frames.next()).done) continue;
    throw new InputError(
      `"${views[i].path}" has more than the ${frames} frames that the record asks for`,
    );
  }
}

/** Compares views frame by frame. */
export class ViewComparison {
  readonly #pairs: readonly ViewNumbers[];
  readonly #spots: SpotComparison;
  readonly #matches: MatchComparison;
  readonly #angles: number[];
  #frames = 0;

  /** `views` says how many there are. */
  constructor(body: BodyMesh, views: number) {
    this.#pairs = pairsOf(views);
    this.#spots = new SpotComparison(body, this.#pairs);
    this.#matches = new MatchComparison(body, this.#pairs);
    this.#angles = this.#pairs.map(() => 0);
  }

  /** Adds what all views show at once. */
  add(instant: ViewedInstant): void {
    this.#frames++;
    for (const [i, [a, b]] of this.#pairs.entries()) {
      this.#angles[i] += cameraAngle(instant.views[a].camera, instant.views[b].camera);
    }
    this.#spots.add(instant);
    this.#matches.add(instant);
  }

  /** Of all that was added. */
  result(): ViewAgreement {
    const [spots, matches] = [this.#spots.scores(), this.#matches.scores()];
    return {
      consistency: this.#spots.consistency(),
      epipolar: this.#matches.total(),
      pairs: this.#pairs.map((views, i) => ({
        views,
        angle: this.#angles[i] / Math.max(1, this.#frames),
        ...spots[i],
        epipolar: matches[i],
      })),
    };
  }
}
