// T frames, H height, W width, h and w cells

/**
 * How a result follows what was asked: pose, camera, and the reference's looks.
 * @module
 */
import { InputError } from "../../errors.ts";
import { type BodyMesh, type Camera, median } from "../../geometry/mod.ts";
import type { Frames } from "../../io/mod.ts";
import type { SynthImageNet, SynthMaps } from "../../models/perceptual/mod.ts";
import {
  argmax,
  type Device,
  flatten,
  mul,
  scope,
  sub,
  toFloat32,
  toNumbers,
} from "../../tensor/mod.ts";
import { blockMoves, type MotionPicture, motionPicture } from "../block_motion.ts";
import { frameTensor } from "../frame_scores.ts";
import { foreground, maskIou } from "../mask_iou.ts";
import type { MetricOf } from "../metrics/mod.ts";
import { openFrames } from "../open_frames.ts";
import { cosine } from "../solo_scores.ts";
import { AskedBodies, type AskedFrame } from "./asked.ts";
import { epipolarError } from "./camera_error.ts";

/** What a result is held against. */
export interface Asked {
  readonly body: BodyMesh;
  /** One a frame of the result. */
  readonly frames: readonly AskedFrame[];
  /** Picture of the first person. */
  readonly reference?: Frames;
  /** The scene without people, one a frame, where the job gave one. */
  readonly background?: AsyncGenerator<Uint8Array>;
  /** Frames a second of a result that is numbered pictures. */
  readonly fps?: number;
}

/** Numbers of one frame; `null` where nothing could be measured. */
export type FollowFrame = Readonly<Record<MetricOf<"follow">, number | null>>;

/** How a result followed. */
export interface FollowScores {
  readonly path: string;
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** Where the person was found: as what differs from the background given, or by the network. */
  readonly foundBy: "background" | "network";
  readonly scores: FollowFrame;
  readonly byFrame: readonly FollowFrame[];
  /** Means of each second, to see drift. */
  readonly bySecond: readonly FollowFrame[];
}

/** How results are looked at. */
export interface FollowOptions {
  readonly net: SynthImageNet;
  readonly device?: Device;
  readonly signal?: AbortSignal;
}

/** A sixteenth of the height: two cells of the network. */
const JOINT_SHARE = 1 / 16;

/**
 * Holds a result against what was asked.
 *
 * @throws InputError for a result of another size or length than asked for, or a broken file
 */
export async function followScores(
  path: string,
  asked: Asked,
  options: FollowOptions,
): Promise<FollowScores> {
  const { width, height, fps, frames } = await openFrames(path, asked);
  const state = new FollowState(asked, options);
  try {
    checkSize(path, { width, height }, asked.frames[0].camera);
    for await (const frame of frames) {
      options.signal?.throwIfAborted();
      const background = (await asked.background?.next())?.value as Uint8Array | undefined;
      if (state.found.length < asked.frames.length) state.add(frame, background);
      else throw unequal(path, "more", asked.frames.length);
    }
    const count = state.found.length;
    if (count < asked.frames.length) throw unequal(path, String(count), asked.frames.length);
  } finally {
    await frames.return(undefined);
    await asked.background?.return(undefined);
    state.dispose();
  }
  const { found } = state;
  return {
    path,
    frames: found.length,
    width,
    height,
    fps,
    foundBy: asked.background ? "background" : "network",
    scores: means(found),
    byFrame: found,
    bySecond: seconds(found, fps).map(means),
  };
}

function checkSize(
  path: string,
  { width, height }: { readonly width: number; readonly height: number },
  camera: Camera,
): void {
  if (camera.width === width && camera.height === height) return;
  throw new InputError(
    `"${path}" has frames of ${width}×${height}, its record asks for ${camera.width}×${camera.height}`,
  );
}

function unequal(path: string, found: string, wanted: number): InputError {
  return new InputError(`"${path}" has ${found} frames, its record asks for ${wanted}`);
}

/** Whole seconds; the last may be shorter. */
function seconds(frames: readonly FollowFrame[], fps: number): FollowFrame[][] {
  const count = Math.ceil(frames.length / fps);
  return Array.from(
    { length: count },
    (_, i) => frames.filter((_, frame) => Math.floor(frame / fps) === i),
  ).filter((part) => part.length > 0);
}

function means(frames: readonly FollowFrame[]): FollowScores["scores"] {
  const names = Object.keys(frames[0]) as (keyof FollowFrame)[];
  const entries = names.map((name) => {
    const values = frames.map((frame) => frame[name]).filter((value) => value !== null);
    return [name, values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length];
  });
  return Object.fromEntries(entries) as FollowScores["scores"];
}

class FollowState {
  readonly #asked: Asked;
  readonly #options: FollowOptions;
  readonly #bodies: AskedBodies;
  readonly #reference: Float32Array | undefined;
  #firstMask: Uint8Array | undefined;
  #lastMask: Uint8Array | undefined;
  #picture: MotionPicture | undefined;
  readonly found: FollowFrame[] = [];

  constructor(asked: Asked, options: FollowOptions) {
    this.#asked = asked;
    this.#options = options;
    this.#bodies = new AskedBodies(asked.body);
    this.#reference = asked.reference && this.#look(asked.reference.data, asked.reference).person;
  }

  add(bytes: Uint8Array, background: Uint8Array | undefined): void {
    const frame = this.#asked.frames[this.found.length];
    const { camera } = frame;
    const looks = this.#look(bytes, camera);
    const mask = this.#bodies.silhouette(frame);
    const person = background ? foreground(bytes, background) : looks.mask;
    this.#firstMask ??= mask;
    const picture = motionPicture(bytes, camera, this.#options.device);
    this.found.push({
      poseIou: maskIou(person, mask),
      stillIou: maskIou(person, this.#firstMask),
      jointsFound: this.#joints(frame, looks.joints),
      ...this.#camera(picture, mask),
      identity: this.#reference && looks.person ? cosine(this.#reference, looks.person) : null,
    });
    this.#picture?.grey.dispose();
    this.#picture = picture;
    this.#lastMask = mask;
  }

  /** Moves of blocks that no body covers in either frame. */
  #camera(
    picture: MotionPicture,
    mask: Uint8Array,
  ): Pick<FollowFrame, "cameraError" | "backgroundMotion"> {
    if (!this.#picture) return { cameraError: null, backgroundMotion: null };
    const [first, second] = this.#asked.frames.slice(this.found.length - 1, this.found.length + 1);
    const { width, height } = second.camera;
    const covered = (x: number, y: number): boolean => {
      const [u, v] = [Math.floor(x), Math.floor(y)];
      if (u < 0 || v < 0 || u >= width || v >= height) return true;
      return mask[v * width + u] === 1 || this.#lastMask![v * width + u] === 1;
    };
    const moves = blockMoves(this.#picture, picture).filter(({ x, y, dx, dy }) =>
      !covered(x, y) && !covered(x + dx, y + dy)
    );
    return {
      cameraError: median(moves.map((move) => epipolarError(move, first.camera, second.camera))) ??
        null,
      backgroundMotion: median(moves.map(({ dx, dy }) => Math.hypot(dx, dy))) ?? null,
    };
  }

  /** Share of the joints seen that the network finds near. */
  #joints(frame: AskedFrame, found: readonly { x: number; y: number }[]): number | null {
    if (frame.poses.length !== 1) return null;
    const near = frame.camera.height * JOINT_SHARE;
    const places = this.#bodies.joints(frame, 0);
    const seen = places.flatMap((place, j) => place.seen ? [{ place, at: found[j] }] : []);
    if (seen.length === 0) return null;
    const right = seen.filter(({ place, at }) =>
      Math.hypot(place.x - at.x, place.y - at.y) <= near
    );
    return right.length / seen.length;
  }

  #look(bytes: Uint8Array, size: { readonly width: number; readonly height: number }) {
    const { net, device } = this.#options;
    return scope(() => {
      const maps = net.look(sub(mul(frameTensor(bytes, size, device), 2), 1));
      const shares = toFloat32(maps.cover);
      return {
        mask: enlarged(maps, shares, size),
        joints: jointPlaces(maps, size),
        person: net.looks(maps).person,
      };
    });
  }

  dispose(): void {
    this.#picture?.grey.dispose();
  }
}

/** Cells that a person covers, as pixels of the picture. */
function enlarged(
  { cover }: SynthMaps,
  shares: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const [, , h, w] = cover.shape;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return bilinear(shares, { h, w, x: (x + 0.5) * w / width, y: (y + 0.5) * h / height }) > 0.5
      ? 1
      : 0;
  });
}

/** The map's value at a place in cells, whose centres lie at ½. */
function bilinear(
  map: Float32Array,
  { h, w, x, y }: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  },
): number {
  const [u, v] = [Math.min(w - 1, Math.max(0, x - 0.5)), Math.min(h - 1, Math.max(0, y - 0.5))];
  const [left, top] = [Math.floor(u), Math.floor(v)];
  const [right, bottom] = [Math.min(w - 1, left + 1), Math.min(h - 1, top + 1)];
  const [fx, fy] = [u - left, v - top];
  return (1 - fy) * ((1 - fx) * map[top * w + left] + fx * map[top * w + right]) +
    fy * ((1 - fx) * map[bottom * w + left] + fx * map[bottom * w + right]);
}

function jointPlaces(
  { joints }: SynthMaps,
  { width, height }: { readonly width: number; readonly height: number },
): { x: number; y: number }[] {
  const [, , h, w] = joints.shape;
  return toNumbers(argmax(flatten(joints, { startDim: 2 }), { dim: 2 })).map((cell) => ({
    x: (cell % w + 0.5) * width / w,
    y: (Math.floor(cell / w) + 0.5) * height / h,
  }));
}
