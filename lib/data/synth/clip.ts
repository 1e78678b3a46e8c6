/**
 * Whole synthetic clips and reference pictures, each drawn from one seed: one person or several, seen
 * by one camera or by several at once.
 * @module
 */
import {
  type BodyMesh,
  type BodyPart,
  type BodyPose,
  type CameraPath,
  type Motion,
  motionFrame,
  type Random,
} from "../../geometry/mod.ts";
import { type CameraKind, cameraKinds, drawRig, type Subject } from "./camera_moves.ts";
import { type Actor, drawCast, hashedIdentity } from "./cast.ts";
import { estimateReference } from "./estimate.ts";
import { metered } from "./exposure.ts";
import { drawOutfit } from "./outfit.ts";
import { type Film, paintViews } from "./film.ts";
import { pickPart, type SynthFraming } from "./framing.ts";
import { dressedFigure } from "./figure.ts";
import type { Textured } from "./figure_pick.ts";
import {
  type ClipKind,
  HELD_OUT_NUMBER,
  HELD_OUT_SEED,
  pickRoom,
  type Pools,
  seedOfNumber,
} from "./pools.ts";
import type { NamedMotion } from "./recorded.ts";
import { paintReference, type PortraitOptions, type SynthReference } from "./reference.ts";
import { drawPlain, drawScene, type FreeSpace, type Scene } from "./scene.ts";
import { streamOf, streams } from "./streams.ts";
import { type PhotographedPlaces, pickPlace, surroundingScene } from "./surroundings.ts";
import { freeSpace, joinSubjects, partSubject } from "./subject.ts";

/** A person in a clip. */
export interface SynthPerson extends SynthReference {
  /** The person's pose in each frame. */
  readonly poses: readonly BodyPose[];
  /** Name of the built-in motion, or `given`. */
  readonly motionName: string;
  /** Coefficients of the body's shape directions, [10]. */
  readonly shape: Float32Array;
}

/** A clip with all that is known of it; the fields of a person are those of the first one. */
export interface SynthClip extends SynthPerson, Film {
  /** Everybody in the clip. */
  readonly persons: readonly SynthPerson[];
  /** One camera a frame. */
  readonly cameras: CameraPath;
  /** How the camera moves, or `given`. */
  readonly cameraKind: CameraKind | "given";
  /** The seed that all was drawn from; the views of a group share it. */
  readonly seed: number;
  /** Which of the cameras that filmed the same scene at the same time, from 0. */
  readonly view: number;
  /** Number of the place; ≥ `HELD_OUT_NUMBER` for those held out. */
  readonly room: number;
}

/** Seed and size of a picture, and what is given instead of drawn. */
export interface ReferenceOptions extends Omit<PortraitOptions, "place"> {
  /** Draws the person and, by other streams, all the rest. */
  readonly seed: number;
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
  /** Default 8; one of several is drawn. */
  readonly fps?: number | readonly number[];
  /** The first person's instead of a built-in one: its frames and rate then count. */
  readonly motion?: Motion;
  /** Recorded motions to draw from. */
  readonly recordings?: readonly NamedMotion[];
  /** Share of people whose motion is recorded; default all where there are recordings. */
  readonly recordedShare?: number;
  /** Textured people beside or instead of those dressed by rules. */
  readonly textured?: Textured;
  /** Photographed places beside or instead of those built by rules. */
  readonly photographed?: PhotographedPlaces;
  /** Instead of a drawn movement: one a frame. */
  readonly cameras?: CameraPath;
  /** Draws the place; default `seed`. */
  readonly sceneSeed?: number;
  /** Still camera (`video`), moving camera (`camera`), no background (`mask`); default `any`. */
  readonly kind?: ClipKind;
  /** Fewest and most persons; default one. */
  readonly persons?: readonly [number, number];
  /** Numbered people and places; default others for every seed. */
  readonly pools?: Pools;
  /** Paints this person alone, by its place in the clip; all else stays. Default everybody. */
  readonly alone?: number;
  /** What of the first person cameras look at, and reference pictures are cut to; default all. */
  readonly frameOn?: SynthFraming;
  /** Gives inexact estimates beside what is known of reference pictures. */
  readonly estimates?: boolean;
  /** Cameras expose for the persons; default every place is as bright as it is. */
  readonly metered?: boolean;
}

/** A group: the same, and by how many cameras. */
export interface GroupOptions extends Omit<ClipOptions, "cameras"> {
  /** Cameras that film at once; default 1. */
  readonly views?: number;
}

/** The backdrop of clips without a background: 0 in the models' −1 … 1. */
const NO_BACKGROUND = [0.5, 0.5, 0.5] as const;

/** Shape coefficients [10] of the person of a seed: what the body is posed with. */
export function personShape(seed: number): Float32Array {
  return drawOutfit(streams(seed).identity).shape;
}

/** The picture of a seed's person that a generation starts from. */
export function renderReference(body: BodyMesh, options: ReferenceOptions): SynthReference {
  const { seed } = options;
  const stream = streams(seed);
  const figure = dressedFigure(body, drawOutfit(stream.identity));
  return paintReference({ figure, identity: hashedIdentity(seed) }, stream.reference, options);
}

/** A clip of a seed; the same options give the same bytes. */
export function renderClip(body: BodyMesh, options: ClipOptions): SynthClip {
  return render(body, options, options.cameras ? [options.cameras] : 1)[0];
}

/**
 * One scene of a seed as each of `views` cameras films it at the same time; with one view it is what
 * `renderClip` gives. Equal options, equal bytes.
 * @throws {InputError} when a pool has fewer people than a clip needs
 */
export function renderGroup(body: BodyMesh, options: GroupOptions): SynthClip[] {
  return render(body, options, options.views ?? 1);
}

function render(
  body: BodyMesh,
  options: ClipOptions,
  viewsOrPaths: number | readonly CameraPath[],
): SynthClip[] {
  const { seed, width = 128, height = 128, kind = "any" } = options;
  const size = { width, height };
  const stream = streams(seed);
  const actors = drawCast(body, {
    seed,
    persons: options.persons ?? [1, 1],
    pools: options.pools,
    frames: options.motion?.frames ?? options.frames ?? 17,
    fps: options.motion?.fps ?? pickRate(options.fps ?? 8, stream.cast.fork("fps")),
    motion: options.motion,
    recordings: options.recordings,
    recordedShare: options.recordedShare,
    textured: options.textured,
  });
  const part = pickPart(options.frameOn ?? "full", stream.cast.fork("framing"));
  const everybody = joinSubjects(actors.map(({ subject }) => subject));
  const subject = part === "full" ? everybody : partOf(actors, part);
  const rig = typeof viewsOrPaths === "number"
    ? drawRig(stream.cameras, { subject, size }, {
      views: viewsOrPaths,
      kinds: kindsOf(kind, viewsOrPaths > 1 && stream.cast.fork("still").float() < 0.5),
    })
    : { paths: viewsOrPaths, kind: "given" as const };
  const paths = rig.paths.flat();
  const { room, scene: place } = drawPlace(options, freeSpace(everybody, paths));
  const scene = options.metered ? metered(place, paths, stream.scene.fork("exposure")) : place;
  const persons = actors.map((actor, slot) =>
    personOf(actor, slot, { ...options, frames: rig.paths[0].length, frameOn: part })
  );
  const painted = options.alone === undefined ? actors : [actors[options.alone]];
  return paintViews(painted, { paths: rig.paths, scene }, size).map((film, view) => ({
    ...persons[0],
    ...film,
    persons,
    cameras: rig.paths[view],
    cameraKind: rig.kind,
    seed,
    view,
    room,
  }));
}

function pickRate(fps: number | readonly number[], random: Random): number {
  return typeof fps === "number" ? fps : fps.length === 1 ? fps[0] : random.pick(fps);
}

/** Half of the groups of any kind have still cameras, as rigs around a stage do. */
function kindsOf(kind: ClipKind, stillRig: boolean): readonly CameraKind[] {
  if (kind === "video" || (kind === "any" && stillRig)) return ["static"];
  if (kind === "camera") return cameraKinds.filter((name) => name !== "static");
  return cameraKinds;
}

function drawPlace(
  { seed, sceneSeed = seed, kind, pools, photographed }: ClipOptions,
  free: FreeSpace,
): { room: number; scene: Scene } {
  const room = pickRoom(streams(sceneSeed).cast.fork("room"), sceneSeed, pools?.rooms ?? 0);
  const random = streams(seedOfNumber(room)).scene;
  const picked = kind === "mask"
    ? undefined
    : pickPlace(random, photographed, room >= HELD_OUT_NUMBER);
  if (picked) return { room, scene: surroundingScene(picked, free) };
  if (kind !== "mask") return { room, scene: drawScene(random, free) };
  return { room, scene: { kind: "plain", colour: NO_BACKGROUND, light: drawPlain(random).light } };
}

/** A part of the first person, which the others do not hide. */
function partOf([first, ...others]: readonly Actor[], name: "upper" | "face"): Subject {
  const { figure: { body, shape }, motion, subject: whole } = first;
  return partSubject(body, { motion, shape, whole }, {
    name,
    others: others.map(({ subject }) => subject),
  });
}

function personOf(
  actor: Actor,
  slot: number,
  options: ClipOptions & { readonly frameOn: BodyPart },
): SynthPerson {
  const { figure, motion, motionName } = actor;
  const { seed, width, height, pools, frames, frameOn, estimates, photographed } = options;
  const { shape } = figure;
  const random = streamOf(streams(seed).reference, slot);
  const place = pools && pools.rooms > 0
    ? streams(seedOfNumber(pickRoom(random.fork("room"), seed, pools.rooms))).scene
    : undefined;
  const painted = paintReference(actor, random, {
    width,
    height,
    place,
    frameOn,
    photographed,
    metered: options.metered,
    heldOut: seed >= HELD_OUT_SEED,
  });
  return {
    ...painted,
    ...(estimates
      ? { estimate: estimateReference(figure.body, painted, random.fork("estimate")) }
      : {}),
    poses: Array.from(
      { length: frames! },
      (_, frame) => ({ ...motionFrame(motion, frame), shape }),
    ),
    motionName,
    shape,
  };
}
