/**
 * Videos as motions: a person of them is found, followed and fitted where that has not been done before;
 * and their scenes, without anybody in them, as backgrounds.
 * @module
 */
import { extname } from "node:path";
import { parseMotionSpec, readBody } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import { type BodyMesh, JOINT_NAMES, motionFrame } from "../../geometry/mod.ts";
import { readImage } from "../../io/mod.ts";
import type { TrackClipOptions, TrackedClip } from "../../track/mod.ts";
import { isFile, type Job } from "../job/mod.ts";

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

/** What a track reports and how it ends. */
export type DrivingOptions =
  & Pick<TrackClipOptions, "onFrame" | "onFit" | "signal">
  & { readonly onNotice?: (text: string) => void };

/** Videos up to so many seconds are looked at as a whole, longer ones in multiples of them. */
const SECONDS = 60;

/**
 * The tracked person of a job's motion, for at least so many seconds; undefined for a motion that is no
 * video. What was found before comes from the cache. Errors as `trackClip`.
 */
export async function drivingTrack(
  motion: string,
  needed: number,
  { onNotice, ...options }: DrivingOptions = {},
): Promise<TrackedClip | undefined> {
  const video = drivingVideo(motion);
  if (!video) return undefined;
  const { path, person } = video;
  requireOnlyPerson(motion);
  // Only here geometry needs libtorch: who names other motions does not open it.
  const { doubtfulFrames, trackClip } = await import("../../track/mod.ts");
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

/** What a job says of the scene. */
type DrivenScene = Pick<Job, "persons" | "camera" | "width" | "height" | "fps">;

/**
 * The video's scene without anybody in it, in pictures of the job's size, one a frame: of a camera that
 * stands one and the same, of one that turns what each frame would show, and of one that moves each
 * frame without its persons. Throws {@linkcode InputError} where the first person's motion is no video.
 */
export async function drivingScene(
  job: DrivenScene,
  moments: readonly number[],
  onNotice?: (text: string) => void,
): Promise<AsyncGenerator<Uint8Array>> {
  const { persons: [{ motion }], camera } = job;
  const track = await drivingTrack(motion, moments.at(-1)! / job.fps);
  if (!track) {
    throw new InputError(`--background driving: the motion "${motion}" is no video`);
  }
  if (camera !== "auto" && camera !== "motion") {
    onNotice?.(
      `the background is as the video's camera saw it, and the person as --camera ${camera} does; --camera motion goes with it`,
    );
  }
  return track.camera.kind === "still"
    ? standing(track, job, moments.length)
    : following(track, job, moments);
}

async function* standing(
  { scene }: TrackedClip,
  { width, height }: DrivenScene,
  frames: number,
): AsyncGenerator<Uint8Array> {
  const { data } = await readImage(scene.path, { width, height });
  for (let frame = 0; frame < frames; frame++) yield data;
}

async function* following(
  track: TrackedClip,
  { width, height, fps }: DrivenScene,
  moments: readonly number[],
): AsyncGenerator<Uint8Array> {
  const { emptyCovering } = await import("../../track/mod.ts");
  const frames = emptyCovering(track, { width, height });
  let [read, data] = [0, new Uint8Array()];
  for (const moment of moments) {
    const at = Math.min(track.motion.frames - 1, Math.round(moment * track.fps / fps));
    for (; read <= at; read++) data = (await frames.next()).value ?? data;
    yield data;
  }
}
