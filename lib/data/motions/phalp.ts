/**
 * Tracks of 4D-Humans and PHALP: joblib `.pkl` files, a dictionary of frames, in each the persons that
 * were followed with SMPL's parameters and the place before the camera.
 *
 * PHALP assumes one camera for every video: focal length 5000 for a picture of 256, the shorter side
 * padded to a square. So f = 5000/256 · max(H, W) pixels, and the principal point is the square's
 * centre.
 * @module
 */

import { InputError } from "../../errors.ts";
import { fillGaps, type Motion } from "../../geometry/mod.ts";
import { chooseTrack, gapNotice } from "./choose_track.ts";
import { DEFAULT_FPS, type MotionCamera, type MotionFile } from "./motion_file.ts";
import { type MatrixPose, meanBetas, numbersOf, poseOfMatrices } from "./matrix_poses.ts";
import { MAX_FRAMES } from "./track_rows.ts";

/** Focal length as a multiple of the longer side. */
export const WILD_FOCAL = 5000 / 256;

/** One person in one frame. */
interface Sighting extends MatrixPose {
  readonly place: Float32Array;
}

/** One person: undefined where it was not seen. */
interface Track {
  readonly tid: number;
  readonly sightings: (Sighting | undefined)[];
  readonly seen: number;
}

type Fields = ReadonlyMap<unknown, unknown>;

const listOf = (frame: Fields, name: string): readonly unknown[] => {
  const value = frame.get(name);
  if (Array.isArray(value)) return value;
  return Array.from(numbersOf(value) ?? []);
};

/** Frames in the video's order. Throws InputError for any other pickle. */
function framesOf(path: string, content: unknown): Fields[] {
  const frames = content instanceof Map ? [...content.values()] : [];
  const fits = frames.length > 0 &&
    frames.every((frame): frame is Fields =>
      frame instanceof Map && ["tid", "smpl", "camera"].every((name) => frame.has(name))
    );
  if (!fits) {
    throw new InputError(
      `cannot read "${path}" as a motion: expected tracks of 4D-Humans or PHALP, a dictionary of ` +
        `frames with tid, smpl and camera, or WHAM's wham_output.pkl`,
    );
  }
  if (frames.length > MAX_FRAMES) {
    throw new InputError(
      `cannot read "${path}": it has ${frames.length} frames, expected at most ${MAX_FRAMES}`,
    );
  }
  return frames;
}

/** Frames of one person, and which of the frame's persons it is. */
type Seen = Map<number, number>;

/** Frames in which each person was really seen: PHALP repeats the last sight while it waits. */
function findTracks(frames: readonly Fields[]): Map<number, Seen> {
  const tracks = new Map<number, Seen>();
  frames.forEach((frame, at) => {
    const times = listOf(frame, "tracked_time"), poses = listOf(frame, "smpl");
    listOf(frame, "tid").forEach((tid, index) => {
      const waiting = Number(times[index] ?? 0) > 0;
      if (typeof tid !== "number" || waiting || !(poses[index] instanceof Map)) return;
      const seen = tracks.get(tid) ?? new Map();
      tracks.set(tid, seen.set(at, index));
    });
  });
  return tracks;
}

function sight(frame: Fields, index: number, label: string): Sighting {
  const place = numbersOf(listOf(frame, "camera")[index]);
  if (place?.length !== 3 || !place.every(Number.isFinite) || place[2] <= 0) {
    throw new InputError(
      `cannot read ${label}: camera is ${
        place ? `[${place}]` : "missing"
      }, expected three numbers, ` +
        `the last above 0`,
    );
  }
  const pose = poseOfMatrices(listOf(frame, "smpl")[index] as Fields, label);
  return { ...pose, place };
}

/** One track, cut to where it begins and ends. */
function trackOf(
  path: string,
  frames: readonly Fields[],
  options: { tid?: number; notices: string[] },
): Track & { from: number; first: Fields; firstIndex: number } {
  const tracks = findTracks(frames);
  const id = chooseTrack(path, new Map([...tracks].map(([id, { size }]) => [id, size])), options);
  const seen = tracks.get(id)!;
  const [from] = seen.keys();
  const to = [...seen.keys()].at(-1)!;
  const sightings = Array.from({ length: to - from + 1 }, (_, i) => {
    const index = seen.get(from + i);
    if (index === undefined) return undefined;
    return sight(frames[from + i], index, `frame ${from + i} of "${path}"`);
  });
  return {
    tid: id,
    sightings,
    seen: seen.size,
    from,
    first: frames[from],
    firstIndex: seen.get(from)!,
  };
}

/** The camera, with the picture's size where the file has it. */
function wildCamera(frame: Fields, index: number): MotionCamera {
  const [height, width] = numbersOf(listOf(frame, "size")[index]) ?? [];
  if (!(height > 0 && width > 0)) return { focal: WILD_FOCAL };
  const side = Math.max(width, height);
  const centre = (length: number) => side / 2 - Math.floor((side - length) / 2);
  return {
    focal: WILD_FOCAL,
    picture: { width, height, cx: centre(width), cy: centre(height) },
  };
}

function motionOf(sightings: readonly (Sighting | undefined)[]): Motion {
  const frames = sightings.length;
  const poses = new Float32Array(frames * 72), translations = new Float32Array(frames * 3);
  sightings.forEach((found, frame) => {
    if (!found) return;
    poses.set(found.pose, frame * 72);
    translations.set(found.place, frame * 3);
  });
  const known = sightings.map((found) => found !== undefined);
  return fillGaps({ fps: DEFAULT_FPS, frames, poses, translations }, known);
}

/**
 * One track of what a 4D-Humans or PHALP file holds; without `tid` the longest. Frames in which the
 * person was lost are interpolated, with a notice. Throws InputError for anything else and for a track
 * that it lacks.
 */
export function phalpMotion(
  path: string,
  content: unknown,
  { tid }: { tid?: number } = {},
): MotionFile {
  const notices: string[] = [];
  const track = trackOf(path, framesOf(path, content), { tid, notices });
  const { sightings, seen } = track;
  if (seen < sightings.length) {
    const frames = sightings.length;
    notices.push(gapNotice(path, { tid: track.tid, lost: frames - seen, frames }));
  }
  return {
    motion: motionOf(sightings),
    rateKnown: false,
    up: "camera",
    origin: "smpl",
    betas: meanBetas(sightings.filter((found) => found !== undefined)),
    camera: wildCamera(track.first, track.firstIndex),
    firstFrame: track.from,
    notices,
  };
}
