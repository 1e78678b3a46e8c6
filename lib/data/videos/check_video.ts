/**
 * Checks a video and the files beside it: that all decode, and that lengths, sizes and rates agree.
 * @module
 */
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { trackFrames } from "../../geometry/mod.ts";
import { openVideo, readImage, readJson } from "../../io/mod.ts";
import { readCameras } from "../camera_files.ts";
import { parseMotionSpec, readMotionFile } from "../motions/mod.ts";
import type { LeftOut, VideoEntry } from "./index_file.ts";
import { type FoundVideo, isPicture, type SideFile } from "./side_files.ts";

/** Frames by which the length of a file beside a video may differ: clocks are rounded. */
const LENGTH_TOLERANCE = 1.5;

/** Pictures whose shapes differ by less are taken for the same. */
const SHAPE_TOLERANCE = 0.02;

/** Rates above are a broken clock. */
const LARGEST_RATE = 240;

type Facts = Pick<VideoEntry, "width" | "height" | "frames" | "fps">;

/** Result of {@linkcode checkVideo}. */
export interface VideoCheck {
  /** Absent where the video itself cannot be used. */
  readonly entry?: VideoEntry;
  /** The video or files beside it. */
  readonly leftOut: readonly LeftOut[];
}

/** Decodes all of `video` and of the files beside it. `folder` is what its paths start from. */
export async function checkVideo(
  folder: string,
  { path, picture, sides }: FoundVideo,
  { leastSide = 16 }: { readonly leastSide?: number } = {},
): Promise<VideoCheck> {
  const leftOut: LeftOut[] = [];
  const read = async <T>(file: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      leftOut.push({ path: file, why: reasonOf(error, join(folder, file)) });
    }
  };
  const facts = await read(path, async () => {
    const found = await factsOf(join(folder, path), picture);
    checkFacts(found, leastSide);
    return found;
  });
  if (!facts) return { leftOut };
  const found: Partial<Record<"camera" | "mask" | "background", string>> = {};
  const body: string[] = [];
  let bodyCamera = false;
  let poseCamera: string | undefined;
  for (const side of sides) {
    const full = join(folder, side.path);
    await read(side.path, async () => {
      if (side.kind === "body") {
        const { hasCamera, rateKnown } = await checkBody(full, facts);
        if (body.length === 0) bodyCamera = hasCamera;
        if (body.length === 0) poseCamera = await cameraOfPose(full) ? side.path : undefined;
        body.push(rateKnown ? side.path : `${side.path}#fps=${facts.fps}`);
        return;
      }
      if (found[side.kind]) {
        throw new InputError(`"${found[side.kind]}" is the video's ${side.kind} already`);
      }
      await (side.kind === "camera" ? checkCamera(full, facts) : checkPictures(side, full, facts));
      found[side.kind] = side.path;
    });
  }
  const camera = found.camera ?? poseCamera ?? (bodyCamera ? "motion" : undefined);
  return { entry: { path, ...facts, body, ...found, ...camera && { camera } }, leftOut };
}

/** The error without the file's name at its front: the list names it. */
function reasonOf({ message }: Error, path: string): string {
  return message.replace(`cannot read "${path}": `, "").replaceAll(`"${path}"`, "it");
}

async function factsOf(path: string, picture: boolean): Promise<Facts> {
  if (picture) {
    const { width, height } = await readImage(path);
    return { width, height, frames: 1, fps: 1 };
  }
  const first = await openVideo(path, { maxFrames: 1 });
  for await (const _ of first.frames) break;
  // Small pictures: only the decoder's own work counts.
  const small = await openVideo(path, { height: 16, width: 16, fit: "fill" });
  let frames = 0;
  for await (const _ of small.frames) frames++;
  return { width: first.width, height: first.height, frames, fps: first.fps };
}

function checkFacts({ width, height, fps }: Facts, leastSide: number): void {
  if (Math.min(width, height) < leastSide) {
    throw new InputError(`${width}×${height} pixels, expected at least ${leastSide} a side`);
  }
  if (!(fps > 0 && fps <= LARGEST_RATE)) {
    throw new InputError(`${fps} frames a second, expected at most ${LARGEST_RATE}`);
  }
}

/** Tells whether the motion has a camera of its own, and a rate. */
async function checkBody(
  path: string,
  video: Facts,
): Promise<{ readonly hasCamera: boolean; readonly rateKnown: boolean }> {
  const { motion, rateKnown, camera, cameras } = await readMotionFile(parseMotionSpec(path));
  // A file without a rate has one pose a frame.
  const rate = rateKnown ? motion.fps : video.fps;
  const length = (motion.frames - 1) / rate * video.fps + 1;
  checkLength(length, video, `${motion.frames} poses at ${number(rate)} a second`);
  return { hasCamera: (camera ?? cameras) !== undefined, rateKnown };
}

/** Whether a body's file is a pose that says what took its picture. */
async function cameraOfPose(path: string): Promise<boolean> {
  if (!path.endsWith(".json")) return false;
  const { format, camera } = await readJson(path) as Record<string, unknown>;
  return format === "isa4d-pose" && camera !== undefined;
}

async function checkCamera(path: string, video: Facts): Promise<void> {
  const track = await readCameras(path, { size: video });
  if (track.relative) {
    throw new InputError("it says how the camera moves but not where it is");
  }
  checkShape(track.cameras[0], video);
  if (track.cameras.length === 1) return;
  const { fps = video.fps } = track;
  const rate = track.times ? "with times" : `at ${number(fps)} a second`;
  checkLength(trackFrames(track, video.fps), video, `${track.cameras.length} cameras ${rate}`);
}

/** A mask or background: a picture for all frames, or a video as long as the video. */
async function checkPictures({ path: name }: SideFile, path: string, video: Facts): Promise<void> {
  const facts = await factsOf(path, isPicture(name));
  checkShape(facts, video);
  if (facts.frames === 1) return;
  if (facts.frames !== video.frames) {
    throw new InputError(`${facts.frames} frames, the video has ${video.frames}`);
  }
}

function checkShape(a: { width: number; height: number }, video: Facts): void {
  const ratio = a.width / a.height / (video.width / video.height);
  if (Math.abs(ratio - 1) <= SHAPE_TOLERANCE) return;
  throw new InputError(
    `for pictures of ${a.width}×${a.height}, the video is ${video.width}×${video.height}`,
  );
}

function checkLength(length: number, { frames, fps }: Facts, what: string): void {
  if (Math.abs(length - frames) <= LENGTH_TOLERANCE) return;
  throw new InputError(
    `${what} last ${number((length - 1) / fps)} s, the video's ${frames} frames ${
      number((frames - 1) / fps)
    } s`,
  );
}

function number(value: number): string {
  return String(Number(value.toFixed(3)));
}
