/**
 * Videos as motions: a person of them is found, followed and fitted where that has not been done before.
 * @module
 */
import { extname } from "node:path";
import { parseMotionSpec, readBody } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import { type BodyMesh, JOINT_NAMES, motionFrame } from "../../geometry/mod.ts";
import type { TrackClipOptions, TrackedClip } from "../../track/mod.ts";
import { isFile, type Job } from "../job/mod.ts";
import { momentsOf } from "./time_map.ts";

/** Endings of videos; what they hold is up to ffmpeg. */
const ENDINGS = [
  ...["mp4", "mov", "m4v", "mkv", "webm", "avi", "gif", "webp", "mpg", "mpeg", "ts", "mts", "wmv"],
  ...["flv", "ogv", "3gp", "png", "jpg", "jpeg", "avif", "tif", "tiff"],
];

/** The video that a motion is taken from, and whom of it; undefined for any other motion. */
export function drivingVideo(
  motion: string,
): { readonly path: string; readonly person?: number } | undefined {
  if (!isFile.motion(motion)) return undefined;
  const { path, person } = parseMotionSpec(motion);
  return ENDINGS.includes(extname(path).slice(1).toLowerCase()) ? { path, person } : undefined;
}

/** The job's parts that say how much of a video is needed. */
export type DrivenJob = Pick<Job, "frames" | "fps" | "freezeFrame">;

/** What a track reports and how it ends. */
export type DrivingOptions =
  & Pick<TrackClipOptions, "onFrame" | "onFit" | "signal">
  & { readonly onNotice?: (text: string) => void };

/** Videos up to so many seconds are looked at as a whole, longer ones in multiples of them. */
const SECONDS = 60;

/**
 * The tracked person of a job's motion; undefined for a motion that is no video. What was found before
 * comes from the cache. Errors as `trackClip`.
 */
export async function drivingTrack(
  motion: string,
  job: DrivenJob,
  { onNotice, ...options }: DrivingOptions = {},
): Promise<TrackedClip | undefined> {
  const video = drivingVideo(motion);
  if (!video) return undefined;
  const { path, person } = video;
  requireOnlyPerson(motion);
  // Only here geometry needs libtorch: who names other motions does not open it.
  const { doubtfulFrames, trackClip } = await import("../../track/mod.ts");
  const needed = momentsOf(job).at(-1)! / job.fps;
  const seconds = SECONDS * Math.ceil(Math.max(1e-3, needed) / SECONDS);
  const track = await trackClip(path, { ...options, body: await readBody(), person, seconds });
  const doubts = doubtfulFrames(track.fits).map((some) => `frames not to be trusted, ${some}`);
  for (const notice of [...track.notices, ...doubts]) onNotice?.(`"${motion}": ${notice}`);
  return track;
}

function requireOnlyPerson(motion: string): void {
  const { path: _, person: __, ...others } = parseMotionSpec(motion);
  const [key] = Object.keys(others);
  if (key) throw new InputError(`"${motion}": a video has no "${key}", expected #person=N`);
}

/**
 * How far a body of another build, moved as a tracked one, is from where that was seen, metres: its feet,
 * or of a close-up its neck. Cameras that move by this see it there.
 */
export async function otherBuild(
  { motion, shape, unseen }: TrackedClip,
  wearer: { readonly body: BodyMesh; readonly shape?: ArrayLike<number> },
): Promise<number[]> {
  const close = unseen.includes("legs");
  const place = ({ body, shape }: typeof wearer): number[] => {
    const { joints, vertices } = body.pose({ ...motionFrame(motion, 0), shape });
    const neck = JOINT_NAMES.indexOf("neck") * 3;
    if (close) return [...joints.subarray(neck, neck + 3)];
    return [
      0,
      body.bodyFaces.reduce((low, at) => Math.min(low, vertices[at * 3 + 1]), Infinity),
      0,
    ];
  };
  const [seen, worn] = [{ body: await readBody(), shape }, wearer].map(place);
  return worn.map((value, axis) => value - seen[axis]);
}
