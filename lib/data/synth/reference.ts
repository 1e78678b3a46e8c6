/**
 * Reference pictures: a person of a clip at another time and place.
 * @module
 */
import {
  type BodyPart,
  type BodyPose,
  builtinMotion,
  type Camera,
  type Motion,
  motionFrame,
  motionNames,
  type Random,
} from "../../geometry/mod.ts";
import type { Frames } from "../../io/mod.ts";
import { drawPortraitCamera } from "./camera_moves.ts";
import { metered } from "./exposure.ts";
import type { Figure } from "./figure.ts";
import type { ReferenceEstimate } from "./estimate.ts";
import { Painter } from "./picture.ts";
import { raised, relaxedPose } from "./relaxed_pose.ts";
import { drawPlain, drawScene, type FreeSpace, type Scene } from "./scene.ts";
import { lightOf, type PhotographedPlaces, pickPlace, surroundingScene } from "./surroundings.ts";
import { freeSpace, partSubject, subjectOf } from "./subject.ts";

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
  /**
   * Who it is: a number that differs between people and is ≥ `HELD_OUT_NUMBER` (2³⁰) for those held
   * out. Where people are drawn from pools, `seedOfNumber` gives the seed that draws the same person.
   */
  readonly identity: number;
  /** What an inexact estimate could take for the mask, the pose and the camera, where asked for. */
  readonly estimate?: ReferenceEstimate;
}

/** Size of the picture, and what is given instead of drawn. */
export interface PortraitOptions {
  /** Pixels; default 128. */
  readonly width?: number;
  /** Pixels; default 128. */
  readonly height?: number;
  /** Instead of drawing it: the camera. */
  readonly camera?: Camera;
  /** Instead of a standing pose or a moment of a motion. */
  readonly pose?: Pick<BodyPose, "pose" | "translation">;
  /** What of the person the picture is cut to; default all, uncut. */
  readonly frameOn?: BodyPart;
  /** Draws the place where it is not plain; default the picture's own stream. */
  readonly place?: Random;
  /** Photographed places to draw from, and whether it is for held-out clips. */
  readonly photographed?: PhotographedPlaces;
  readonly heldOut?: boolean;
  /** The camera exposes for the person; default the place is as bright as it is. */
  readonly metered?: boolean;
}

/** Draws a picture of a person; `random` decides on all that is not given. */
export function paintReference(
  { figure, identity }: { figure: Figure; identity: number },
  random: Random,
  options: PortraitOptions,
): SynthReference {
  const { width = 128, height = 128, frameOn = "full" } = options;
  const { body, shape } = figure;
  const motion = options.pose
    ? {
      fps: 1,
      frames: 1,
      poses: options.pose.pose,
      translations: Float32Array.from(options.pose.translation),
    }
    : drawReferencePose(figure, random.fork("pose"));
  const subject = subjectOf(body, motion, shape);
  const about = { motion, shape, whole: subject };
  const part = frameOn === "full" ? undefined : partSubject(body, about, { name: frameOn });
  const camera = options.camera ??
    drawPortraitCamera(random.fork("camera"), { subject, part }, { width, height });
  const places = random.fork("place");
  const place = drawPlace(places, options, freeSpace(subject, [camera]));
  const scene = options.metered ? metered(place, [camera], random.fork("exposure")) : place;
  const data = new Uint8Array(width * height * 3);
  const mask = new Uint8Array(width * height);
  const posed = figure.pose(motionFrame(motion, 0));
  new Painter({ width, height }).paint(
    [{ figure, posed, centre: subject.centres }],
    { scene, camera },
    { frame: data, mask },
  );
  return {
    reference: { width, height, count: 1, fps: 1, data },
    referenceMask: mask.map((who) => who ? 255 : 0),
    referencePose: { ...motionFrame(motion, 0), shape },
    referenceCamera: camera,
    identity,
  };
}

/** Mostly plain, of which some have the light of a photographed place. */
function drawPlace(random: Random, options: PortraitOptions, free: FreeSpace): Scene {
  const { photographed, heldOut = false } = options;
  if (random.float() < 0.6) {
    const plain = drawPlain(random);
    const picked = pickPlace(random, photographed, heldOut);
    return picked ? { ...plain, light: lightOf(picked.place, picked.turn) } : plain;
  }
  const place = options.place ?? random;
  const picked = pickPlace(place, photographed, heldOut);
  return picked ? surroundingScene(picked, free) : drawScene(place, free);
}

/** Standing at ease, or for a third a moment of some motion. */
function drawReferencePose({ body, shape, lift }: Figure, random: Random): Motion {
  if (random.float() < 0.65) return raised(relaxedPose(body, random, shape), lift);
  const style = random.fork("style");
  const motion = builtinMotion(random.pick(motionNames), { frames: 1, fps: 1, style, body, shape });
  return raised(motion, lift);
}
