/**
 * Whole synthetic clips and reference pictures, each drawn from one seed.
 * @module
 */
import type { Frames } from "../../io/mod.ts";
import {
  type BodyMesh,
  type BodyPose,
  boundsOf,
  builtinMotion,
  type Camera,
  cameraCentre,
  type CameraPath,
  type Motion,
  motionFrame,
  motionNames,
  Random,
} from "../../geometry/mod.ts";
import { type CameraKind, drawCameras, drawPortraitCamera, type Subject } from "./camera_moves.ts";
import { drawOutfit, type Outfit } from "./outfit.ts";
import { dressPerson, type Person, posePerson } from "./person.ts";
import { Painter } from "./picture.ts";
import { drawPlain, drawScene, type FreeSpace, type Scene } from "./scene.ts";
import { relaxedPose } from "./relaxed_pose.ts";

/** Seeds from here on are held out: no training set may contain them. */
export const HELD_OUT_SEED = 1_000_000_000;

/** A reference picture and how it was taken. */
export interface SynthReference {
  /** One picture. */
  readonly reference: Frames;
  /** 255 where the person is, [H*W]. */
  readonly referenceMask: Uint8Array;
  /** The person's pose in it. */
  readonly referencePose: BodyPose;
  /** Its camera. */
  readonly referenceCamera: Camera;
  /** Who it is: a number that differs between people and is ≥ 2³⁰ for held-out seeds. */
  readonly identity: number;
}

/** A clip with all that is known of it. */
export interface SynthClip extends SynthReference {
  /** The person over the scene. */
  readonly frames: Frames;
  /** The empty scene by the same cameras, without shadow. */
  readonly background: Frames;
  /** 255 where the person covers at least half of a pixel, [F*H*W]. */
  readonly mask: Uint8Array;
  /** The person's pose in each frame. */
  readonly poses: readonly BodyPose[];
  /** Name of the built-in motion, or `given`. */
  readonly motionName: string;
  /** Coefficients of the body's shape directions, [10]. */
  readonly shape: Float32Array;
  /** One camera a frame. */
  readonly cameras: CameraPath;
  /** How the camera moves, or `given`. */
  readonly cameraKind: CameraKind | "given";
  /** The seed that all was drawn from. */
  readonly seed: number;
}

/** Size and seed of a picture. */
export interface ReferenceOptions {
  /** Draws the person and, by other streams, all the rest. */
  readonly seed: number;
  /** Pixels; default 128. */
  readonly width?: number;
  /** Pixels; default 128. */
  readonly height?: number;
  /** Instead of drawing it: the camera. */
  readonly camera?: Camera;
  /** Instead of a standing pose or a moment of a motion. */
  readonly pose?: Pick<BodyPose, "pose" | "translation">;
}

/** Size, length and seed of a clip, and what is given instead of drawn. */
export interface ClipOptions {
  /** Draws the person and, by other streams, all the rest. */
  readonly seed: number;
  /** Pixels; default 128. */
  readonly width?: number;
  /** Pixels; default 128. */
  readonly height?: number;
  /** Default 17. */
  readonly frames?: number;
  /** Default 8. */
  readonly fps?: number;
  /** Instead of a built-in one: its frames and rate then count. */
  readonly motion?: Motion;
  /** Instead of a drawn movement: one a frame. */
  readonly cameras?: CameraPath;
  /** Draws the place; default `seed`. */
  readonly sceneSeed?: number;
}

/** Shape coefficients [10] of the person of a seed: what the body is posed with. */
export function personShape(seed: number): Float32Array {
  return drawOutfit(streams(seed).identity).shape;
}

/** The picture of a seed's person that a generation starts from. */
export function renderReference(body: BodyMesh, options: ReferenceOptions): SynthReference {
  const { seed } = options;
  const person = dressPerson(body, drawOutfit(streams(seed).identity));
  return paintReference(person, options);
}

/** A clip of a seed's person; the same options give the same bytes. */
export function renderClip(body: BodyMesh, options: ClipOptions): SynthClip {
  const { seed, width = 128, height = 128, fps = 8 } = options;
  const stream = streams(seed);
  const person = dressPerson(body, drawOutfit(stream.identity));
  const { shape } = person.outfit;
  const { motion, motionName } = options.motion
    ? { motion: options.motion, motionName: "given" }
    : drawMotion(body, stream.motion, { frames: options.frames ?? 17, fps, shape });
  const subject = subjectOf(body, motion, shape);
  const { cameras, kind } = options.cameras
    ? { cameras: options.cameras, kind: "given" as const }
    : drawCameras(stream.cameras, subject, { width, height });
  const scene = drawScene(streams(options.sceneSeed ?? seed).scene, freeSpace(subject, cameras));
  const painted = paintClip(person, { motion, cameras, scene, subject }, { width, height });
  const reference = paintReference(person, { seed, width, height });
  const poses = Array.from(
    { length: cameras.length },
    (_, frame) => ({ ...motionFrame(motion, frame), shape }),
  );
  return { ...painted, ...reference, poses, motionName, shape, cameras, cameraKind: kind, seed };
}

function paintClip(
  person: Person,
  what: { motion: Motion; cameras: CameraPath; scene: Scene; subject: Subject },
  { width, height }: { width: number; height: number },
): Pick<SynthClip, "frames" | "background" | "mask"> {
  const { motion, cameras, scene, subject } = what;
  const count = cameras.length;
  const pixels = width * height;
  const frames = new Uint8Array(count * pixels * 3);
  const background = new Uint8Array(count * pixels * 3);
  const mask = new Uint8Array(count * pixels);
  const painter = new Painter({ width, height });
  for (const [frame, camera] of cameras.entries()) {
    const posed = posePerson(person, motionFrame(motion, frame));
    const centre = subject.centres.subarray(frame * 3, frame * 3 + 3);
    painter.paint({ person, posed, centre }, { scene, camera }, {
      frame: frames.subarray(frame * pixels * 3, (frame + 1) * pixels * 3),
      background: background.subarray(frame * pixels * 3, (frame + 1) * pixels * 3),
      mask: mask.subarray(frame * pixels, (frame + 1) * pixels),
    });
  }
  const facts = { width, height, count, fps: motion.fps };
  return { frames: { ...facts, data: frames }, background: { ...facts, data: background }, mask };
}

function paintReference(person: Person, options: ReferenceOptions): SynthReference {
  const { seed, width = 128, height = 128 } = options;
  const { body, outfit } = person;
  const random = streams(seed).reference;
  const motion = options.pose
    ? {
      fps: 1,
      frames: 1,
      poses: options.pose.pose,
      translations: Float32Array.from(options.pose.translation),
    }
    : drawReferencePose(body, random.fork("pose"), outfit);
  const subject = subjectOf(body, motion, outfit.shape);
  const camera = options.camera ??
    drawPortraitCamera(random.fork("camera"), subject, { width, height });
  const places = random.fork("place");
  const scene = places.float() < 0.6
    ? drawPlain(places)
    : drawScene(places, freeSpace(subject, [camera]));
  const data = new Uint8Array(width * height * 3);
  const referenceMask = new Uint8Array(width * height);
  const posed = posePerson(person, motionFrame(motion, 0));
  new Painter({ width, height }).paint(
    { person, posed, centre: subject.centres },
    { scene, camera },
    { frame: data, mask: referenceMask },
  );
  return {
    reference: { width, height, count: 1, fps: 1, data },
    referenceMask,
    referencePose: { ...motionFrame(motion, 0), shape: outfit.shape },
    referenceCamera: camera,
    identity: identityOf(seed),
  };
}

function drawMotion(
  body: BodyMesh,
  random: Random,
  { frames, fps, shape }: { frames: number; fps: number; shape: Float32Array },
): { motion: Motion; motionName: string } {
  const motionName = random.pick(motionNames);
  const style = random.fork("style");
  return { motion: builtinMotion(motionName, { frames, fps, style, body, shape }), motionName };
}

/** Standing at ease, or for a third a moment of some motion. */
function drawReferencePose(body: BodyMesh, random: Random, { shape }: Outfit): Motion {
  if (random.float() < 0.65) return relaxedPose(body, random, shape);
  const style = random.fork("style");
  return builtinMotion(random.pick(motionNames), { frames: 1, fps: 1, style, body, shape });
}

/** Streams of a seed; those of what is held out never meet those of training seeds. */
function streams(seed: number) {
  const root = new Random(seed);
  return {
    identity: root.fork("identity"),
    motion: root.fork("motion"),
    cameras: root.fork("cameras"),
    scene: root.fork("scene"),
    reference: root.fork("reference"),
  };
}

function identityOf(seed: number): number {
  const number = new Random(seed).fork("name").bits() >>> 2;
  return number + (seed >= HELD_OUT_SEED ? 2 ** 30 : 0);
}

/** Every how many-th vertex stands for the body when a camera is placed. */
const SPARSE = 23;

function subjectOf(body: BodyMesh, motion: Motion, shape: Float32Array): Subject {
  const centres = new Float32Array(motion.frames * 3);
  const points: Float32Array[] = [];
  let top = 0, facing = 0;
  for (let frame = 0; frame < motion.frames; frame++) {
    const { vertices, joints } = body.pose({ ...motionFrame(motion, frame), shape });
    centres.set(joints.subarray(0, 3), frame * 3);
    const some: number[] = [];
    for (let i = 0; i < body.bodyFaces.length; i += SPARSE) {
      const at = body.bodyFaces[i] * 3;
      some.push(vertices[at], vertices[at + 1], vertices[at + 2]);
      top = Math.max(top, vertices[at + 1]);
    }
    points.push(Float32Array.from(some));
    if (frame === 0) facing = facingOf(joints);
  }
  return { points, centres, facing, top };
}

/** The hips' left-to-right line tells where the body faces. */
function facingOf(joints: Float32Array): number {
  const [dx, dz] = [joints[3] - joints[6], joints[5] - joints[8]];
  return Math.atan2(-dz, dx);
}

/** Floor that bodies and cameras take, with room to spare. */
function freeSpace(subject: Subject, cameras: CameraPath): FreeSpace {
  const spare = 0.5;
  const eyes = cameras.map((camera) => Float32Array.from(cameraCentre(camera)));
  const { min, max } = boundsOf([...subject.points, ...eyes]);
  return {
    min: [min[0] - spare, min[2] - spare],
    max: [max[0] + spare, max[2] + spare],
    height: Math.max(...eyes.map((eye) => eye[1])),
  };
}
