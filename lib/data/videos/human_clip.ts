/**
 * Clips of people from indexed videos: pictures, bodies and cameras of windows, brought to one size
 * and rate.
 * @module
 */
import { basename } from "node:path";
import {
  type BodyMesh,
  type BodyPose,
  type Camera,
  type CameraPath,
  coverCamera,
  motionFrame,
  Random,
} from "../../geometry/mod.ts";
import type { Frames } from "../../io/mod.ts";
import { loadCameras } from "../camera_files.ts";
import { loadMotion } from "../motions/mod.ts";
import type { VideoEntry } from "./index_file.ts";
import { readWindow, readWindowBackground, readWindowMask } from "./window.ts";

/** A person of a clip, and a picture of the same person. */
export interface HumanTrack {
  /** One a frame. */
  readonly poses: readonly BodyPose[];
  readonly reference: {
    readonly picture: Frames;
    /** How the person stands in it, and what took it. */
    readonly known: { readonly body: BodyPose; readonly camera: Camera };
    /** 128 and more on the person, of the picture's size; absent where nobody knows it. */
    readonly mask?: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  };
}

/** What ISA-DiT learns from: a clip and all that is known about it. */
export interface HumanClip {
  /** Where there is a mask and no background: the persons before plain grey. */
  readonly frames: Frames;
  /** The empty scene; absent where nobody knows it. */
  readonly background?: Frames;
  /** One byte a pixel, above 0 on the persons, [F, H, W]; absent where nobody knows it. */
  readonly mask?: Uint8Array;
  /** At least one. The model sees the first one's reference as a whole. */
  readonly persons: readonly HumanTrack[];
  /** One a frame. */
  readonly cameras: CameraPath;
}

/** How windows are cut from videos. */
export interface HumanClipOptions {
  /** The body that the motions move. */
  readonly body: BodyMesh;
  /** Pixels; videos of another shape are cut, centred. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames of a window. */
  readonly frames: number;
  /** Frames a second. */
  readonly fps: number;
  /** Another picture of the same persons, in which a single picture's are seen; default the picture. */
  readonly seenIn?: VideoEntry;
}

type WindowShape = Pick<HumanClipOptions, "frames" | "fps">;

/** Whether a video says enough to learn a person from: a body and a camera. */
export function hasHumans({ body, camera }: VideoEntry): boolean {
  return body.length > 0 && camera !== undefined;
}

/** How many windows a video has; they follow each other without a gap. */
export function windowCount({ frames, fps }: VideoEntry, shape: WindowShape): number {
  // 1e-6: a whole number of frames must survive rounding.
  const atRate = Math.floor((frames - 1) / fps * shape.fps + 1e-6) + 1;
  return Math.floor(atRate / shape.frames);
}

/** The persons and cameras of a whole video at the windows' rate. */
interface Geometry {
  readonly tracks: readonly (readonly BodyPose[])[];
  readonly cameras: CameraPath;
}

/** The windows of a video. */
export interface HumanClips {
  readonly count: number;
  /** Decodes one, from 0. */
  readonly read: (window: number) => Promise<HumanClip>;
}

/** Opens a video with {@linkcode hasHumans}: its bodies and cameras are read. Errors as the readers. */
export async function openHumanClips(
  entry: VideoEntry,
  options: HumanClipOptions,
): Promise<HumanClips> {
  const count = windowCount(entry, options);
  const geometry = await readGeometry(entry, count * options.frames, options);
  const { seenIn } = options;
  const seen = seenIn && { entry: seenIn, geometry: await readGeometry(seenIn, 1, options) };
  return { count, read: (window) => readOne({ entry, geometry }, window, { ...options, seen }) };
}

async function readGeometry(
  entry: VideoEntry,
  frames: number,
  { body, width, height, fps }: HumanClipOptions,
): Promise<Geometry> {
  const motions = await Promise.all(
    entry.body.map((spec) => loadMotion(spec, { body, fps, frames, placement: "keep" })),
  );
  const tracks = motions.map(({ motion, shape }) =>
    Array.from({ length: frames }, (_, frame) => ({
      ...motionFrame(motion, frame),
      ...shape && { shape },
    }))
  );
  if (entry.camera !== "motion") {
    const { cameras } = await loadCameras(entry.camera!, { width, height, frames, fps });
    return { tracks, cameras };
  }
  const seen = motions[0].cameras!(entry).map((camera) => coverCamera(camera, { width, height }));
  return { tracks, cameras: tracks[0].map((_, f) => seen[Math.min(f, seen.length - 1)]) };
}

/** A video and what is known of its persons. */
interface Filmed {
  readonly entry: VideoEntry;
  readonly geometry: Geometry;
}

async function readOne(
  { entry, geometry }: Filmed,
  window: number,
  { width, height, frames, fps, seen = { entry, geometry } }: HumanClipOptions & {
    readonly seen?: Filmed;
  },
): Promise<HumanClip> {
  const { tracks, cameras } = geometry;
  const from = window * frames;
  const place = (frame: number, count: number) => ({
    ...{ width, height, fps, count },
    first: frame * entry.fps / fps,
  });
  // The same person at another moment, drawn once for each window: other poses, other views.
  const moment = new Random(window).fork(basename(entry.path)).int(seen.geometry.cameras.length);
  const picture = await readWindow(seen.entry, place(moment, 1));
  const knownOf = (person: number) => ({
    body: seen.geometry.tracks[person][moment],
    camera: seen.geometry.cameras[moment],
  });
  const span = place(from, frames);
  const [pictures, background, mask] = [
    await readWindow(entry, span),
    await readWindowBackground(entry, span),
    await readWindowMask(entry, span),
  ];
  return {
    frames: mask && !background ? beforeGrey(pictures, mask) : pictures,
    background,
    mask,
    persons: tracks.map((poses, person) => ({
      poses: poses.slice(from, from + frames),
      reference: { picture, known: knownOf(person) },
    })),
    cameras: cameras.slice(from, from + frames),
  };
}

/** As the synthetic clips without a background are. */
const GREY = 128;

/** The persons alone: with no background given, none is asked of the model. */
function beforeGrey(frames: Frames, mask: Uint8Array): Frames {
  const data = frames.data.slice();
  mask.forEach((covered, pixel) => {
    if (covered === 0) data.fill(GREY, 3 * pixel, 3 * pixel + 3);
  });
  return { ...frames, data };
}
