/**
 * A real video as the clip that its own track describes: truth, persons, cameras and the scene without
 * them. What is made of it is compared with the video itself.
 * @module
 */
import { InputError } from "../../errors.ts";
import {
  type BodyMesh,
  type BodyPose,
  coverCamera,
  motionFrame,
  seenByOther,
} from "../../geometry/mod.ts";
import { frameAt, type Frames, readVideo } from "../../io/mod.ts";
import type { PersonMask, SeenFrame } from "../../perception/mod.ts";
import type { RenderedClip } from "../../prior/mod.ts";
import {
  doubtfulFrames,
  emptyCovering,
  trackClip,
  type TrackClipOptions,
  type TrackedClip,
  trackedFrames,
} from "../../track/mod.ts";
import { coverMask, coverPoints } from "./cover.ts";

/** A clip to be made again. */
export interface ReenactedClip extends RenderedClip {
  readonly persons: readonly ReenactedPerson[];
  /** The video itself. */
  readonly frames: Frames;
  readonly background: Frames;
  /** [frames·height·width] 255 where one of the persons is. */
  readonly mask: Uint8Array;
  /** One list a frame: the persons' landmarks, pixels of the clip. */
  readonly landmarks: readonly (readonly SeenLandmarks[])[];
  readonly track: TrackFacts;
}

type ReenactedPerson = RenderedClip["persons"][number] & {
  /** The reference frame, as large as it was looked at. */
  readonly reference: Frames;
  readonly referenceMask: Uint8Array;
};

/** BlazePose's landmarks of a person. */
export interface SeenLandmarks {
  /** [33·2] pixels. */
  readonly uv: Float32Array;
  /** [33] 0 to 1: in the picture and not hidden. */
  readonly sure: Float32Array;
}

/** How well the bodies fit the video, means over persons and frames. */
export interface TrackFacts {
  readonly persons: number;
  /** Persons of the video who are not in the reference frame, and so are not made. */
  readonly leftOut: number;
  /** Distance of the landmarks from the body, as a share of its height. */
  readonly error: number;
  /** Intersection over union of the bodies' silhouettes and the persons' masks. */
  readonly overlap: number;
  /** What the camera does. */
  readonly camera: string;
  /** Frames that are not to be trusted, by why. */
  readonly doubts: readonly string[];
}

/** What of a video is made again, and how large. */
export interface ReenactOptions extends Omit<TrackClipOptions, "person"> {
  /** Pixels of the clip, of a video of that size; pictures are cut to cover it. */
  readonly size: (video: Size) => Size;
  /** The frame that shows what the persons look like. Default 0. */
  readonly reference?: number;
}

/** Width and height in pixels. */
export interface Size {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/**
 * Tracks everybody whom a video's reference frame shows. Errors as `trackClip`, and
 * {@linkcode InputError} for a reference frame that is not there or shows nobody.
 */
export async function reenactedClip(
  path: string,
  { size: sizeOf, reference = 0, ...options }: ReenactOptions,
): Promise<ReenactedClip> {
  const { body } = options;
  const first = await trackClip(path, options);
  const size = sizeOf(first);
  const count = first.motion.frames;
  if (reference >= count) {
    throw new InputError(
      `"${path}" has frames 0 to ${count - 1}, found --reference-frame ${reference}`,
    );
  }
  const seen = await Array.fromAsync(trackedFrames(first));
  const shown = first.persons.filter(({ id }) => maskOf(seen[reference], id));
  if (shown.length === 0) {
    throw new InputError(`frame ${reference} of "${path}" shows nobody: take another reference`);
  }
  const tracks: TrackedClip[] = [];
  for (const { number } of shown) {
    tracks.push(
      number === first.person.number
        ? first
        : await trackClip(path, { ...options, person: number }),
    );
  }
  const frames = await readVideo(path, { ...size, fps: first.fps, maxFrames: count });
  const picture = await stillOf(path, first, reference);
  const persons = tracks.map((track) => personOf(track, { body, first, reference, picture, seen }));
  return {
    frames,
    persons,
    cameras: first.cameras.map((camera) => coverCamera(camera, size)),
    background: await scenesOf(first, size),
    mask: masksOf(seen, { ids: shown.map(({ id }) => id), size }),
    landmarks: seen.map((frame) => landmarksOf(frame, { ids: shown.map(({ id }) => id), size })),
    track: factsOf(tracks, first.persons.length - shown.length),
  };
}

function maskOf({ persons }: SeenFrame, id: number): PersonMask | undefined {
  return persons.find((person) => person.id === id)?.mask;
}

/** The reference frame, as large as it was looked at. */
async function stillOf(
  path: string,
  { width, height, fps }: TrackedClip,
  frame: number,
): Promise<Frames> {
  const video = await readVideo(path, { width, height, fit: "fill", fps, maxFrames: frame + 1 });
  return { ...video, count: 1, data: frameAt(video, frame).slice() };
}

function personOf(
  { motion, shape, cameras, person: { id } }: TrackedClip,
  { body, first, reference, picture, seen }: {
    readonly body: BodyMesh;
    readonly first: TrackedClip;
    readonly reference: number;
    readonly picture: Frames;
    readonly seen: readonly SeenFrame[];
  },
): ReenactedPerson {
  const poses = cameras.map((from, frame): BodyPose => {
    const pose = { ...motionFrame(motion, frame), shape };
    // Whoever shows no feet has a floor, and so a camera, of its own.
    return cameras === first.cameras ? pose : seenByOther(body, pose, {
      from,
      to: first.cameras[frame],
    });
  });
  return {
    poses,
    reference: picture,
    guessed: true,
    referencePose: poses[reference],
    referenceCamera: first.cameras[reference],
    referenceMask: maskOf(seen[reference], id)!.data,
  };
}

/** The empty scene as each frame shows it. */
async function scenesOf(track: TrackedClip, size: Size): Promise<Frames> {
  const { motion: { frames: count }, fps } = track;
  const data = new Uint8Array(size.width * size.height * 3 * count);
  let at = 0;
  for await (const empty of emptyCovering(track, size)) {
    data.set(empty, at);
    at += empty.length;
  }
  return { ...size, count, fps, data };
}

function masksOf(
  seen: readonly SeenFrame[],
  { ids, size }: { readonly ids: readonly number[]; readonly size: Size },
): Uint8Array {
  const pixels = size.width * size.height;
  const all = new Uint8Array(pixels * seen.length);
  for (const [frame, one] of seen.entries()) {
    for (const id of ids) {
      const mask = maskOf(one, id);
      if (!mask) continue;
      coverMask(mask, size).forEach((value, i) => {
        if (value >= 128) all[frame * pixels + i] = 255;
      });
    }
  }
  return all;
}

function landmarksOf(
  { persons, width, height }: SeenFrame,
  { ids, size }: { readonly ids: readonly number[]; readonly size: Size },
): SeenLandmarks[] {
  return persons.filter(({ id }) => ids.includes(id)).map(({ body }) => ({
    uv: coverPoints(body.image, { from: { width, height }, to: size }),
    sure: body.visibility.map((visible, spot) => visible * body.presence[spot]),
  }));
}

function factsOf(tracks: readonly TrackedClip[], leftOut: number): TrackFacts {
  const fits = tracks.flatMap((track) => track.fits);
  const meanOf = (values: readonly (number | undefined)[]): number => {
    const known = values.filter((value) => value !== undefined);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    persons: tracks.length,
    leftOut,
    error: meanOf(fits.map(({ error }) => error)),
    overlap: meanOf(fits.map(({ overlap }) => overlap)),
    camera: tracks[0].camera.says,
    doubts: tracks.flatMap((track) => doubtfulFrames(track.fits)),
  };
}
