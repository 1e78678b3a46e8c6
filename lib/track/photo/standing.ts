/**
 * What a photograph does not show of a person stands as people do: 3D landmarks beyond its edges, which
 * the network guesses anyhow, are put where they are of somebody who stands upright.
 * @module
 */
import type { BodyMesh } from "../../geometry/mod.ts";
import { bodySpots, type SeenPerson } from "../../perception/mod.ts";
import { posedSpots } from "../first_place.ts";
import { markedSpots } from "../body_spots.ts";
import { standingPose } from "../pose_prior.ts";

/** A person in a photograph, and its size in pixels. */
export interface SeenPhoto {
  readonly person: SeenPerson;
  readonly width: number;
  readonly height: number;
}

type SpotName = typeof bodySpots[number];
type Points = Float32Array;

const spot = (name: SpotName) => bodySpots.indexOf(name) * 3;

interface Limb {
  /** From the trunk outwards. */
  readonly joints: readonly SpotName[];
  /** What goes along with the last joint. */
  readonly ends: readonly SpotName[];
  /** Whether the network is to guess the end of a limb whose hinge is seen: arms go anywhere. */
  readonly free: boolean;
}

const limbs: readonly Limb[] = (["left", "right"] as const).flatMap((side) => {
  const names = (...parts: readonly string[]) => parts.map((name) => `${side}_${name}` as SpotName);
  return [
    {
      joints: names("shoulder", "elbow", "wrist"),
      ends: names("pinky", "index", "thumb"),
      free: true,
    },
    { joints: names("hip", "knee", "ankle"), ends: names("heel", "foot_index"), free: false },
  ];
});
/** What moves with the shoulders. */
const upper: readonly SpotName[] = [
  ...bodySpots.slice(0, bodySpots.indexOf("left_hip")),
];
const feet: readonly SpotName[] = ["left_ankle", "right_ankle", "left_heel", "right_heel"];

/**
 * A trunk above feet that are out of the picture may lean so far, radians: it is the network that errs,
 * or the camera looks up or down.
 */
const LEAN = 0.35;

/** The person with 3D landmarks that stand where the picture ends. */
export function standingBeyond(photo: SeenPhoto, body: BodyMesh): SeenPerson {
  const { person } = photo;
  const inside = (name: SpotName) => isInside(photo, name);
  const visibility = person.body.visibility.slice();
  const world = person.body.world.slice();
  if (!feet.some(inside)) straighten(world);
  const stands = turnedTo(world, standingSpots(body));
  if (!inside("left_hip") && !inside("right_hip")) moveTrunk(world, stands);
  for (const limb of limbs) {
    const { joints, ends } = limb;
    const from = firstBeyond(limb, inside);
    const anchor = spot(joints[from - 1]);
    for (const name of from < joints.length ? [...joints.slice(from), ...ends] : []) {
      visibility[bodySpots.indexOf(name)] = 0;
      for (let c = 0; c < 3; c++) {
        world[spot(name) + c] = world[anchor + c] + stands[spot(name) + c] - stands[anchor + c];
      }
    }
  }
  return { ...person, body: { ...person.body, world, visibility } };
}

function isInside({ person, width, height }: SeenPhoto, name: SpotName): boolean {
  const [x, y] = person.body.image.subarray(spot(name));
  return x >= 0 && y >= 0 && x <= width && y <= height;
}

/** Of a limb's joints the first that stands as usual. */
function firstBeyond(
  { joints, free }: Limb,
  inside: (name: SpotName) => boolean,
): number {
  const next = Math.max(1, joints.findLastIndex(inside) + 1);
  return free && next === 2 ? joints.length : next;
}

const middle = (points: Points, name: "hip" | "shoulder") =>
  [0, 1, 2].map((c) => (points[spot(`left_${name}`) + c] + points[spot(`right_${name}`) + c]) / 2);

/** Takes a lean towards the camera or away from it back, as far as it may be none. */
function straighten(world: Points): void {
  const [hips, shoulders] = [middle(world, "hip"), middle(world, "shoulder")];
  const lean = Math.atan2(shoulders[2] - hips[2], hips[1] - shoulders[1]);
  const by = Math.max(-LEAN, Math.min(LEAN, lean));
  const [cos, sin] = [Math.cos(by), Math.sin(by)];
  for (let i = 0; i < world.length; i += 3) {
    const [y, z] = [world[i + 1] - hips[1], world[i + 2] - hips[2]];
    world[i + 1] = hips[1] + cos * y - sin * z;
    world[i + 2] = hips[2] + cos * z + sin * y;
  }
}

/** Puts hips that are not seen under the shoulders; the hips' middle stays the origin. */
function moveTrunk(world: Points, stands: Points): void {
  const [from, to] = [middle(world, "shoulder"), middle(stands, "shoulder")];
  for (const name of upper) for (let c = 0; c < 3; c++) world[spot(name) + c] += to[c] - from[c];
  for (const name of ["left_hip", "right_hip"] as const) {
    for (let c = 0; c < 3; c++) world[spot(name) + c] = stands[spot(name) + c];
  }
}

const standing = new WeakMap<BodyMesh, Points>();

/** Landmarks of somebody who stands upright and faces the camera, about the hips' middle, its axes. */
function standingSpots(body: BodyMesh): Points {
  const known = standing.get(body);
  if (known) return known;
  const [spots] = posedSpots(body, {
    poses: Float32Array.from(standingPose),
    evidence: { spots: markedSpots(body), known: [true] },
    views: Float32Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1),
  });
  const hips = middle(spots!, "hip");
  const about = spots!.map((value, i) => value - hips[i % 3]);
  standing.set(body, about);
  return about;
}

/** Turned about the vertical to face as the shoulders do. */
function turnedTo(world: Points, stands: Points): Points {
  const [left, right] = [spot("left_shoulder"), spot("right_shoulder")];
  const angle = Math.atan2(world[left + 2] - world[right + 2], world[left] - world[right]);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const out = stands.slice();
  for (let i = 0; i < out.length; i += 3) {
    out[i] = cos * stands[i] - sin * stands[i + 2];
    out[i + 2] = sin * stands[i] + cos * stands[i + 2];
  }
  return out;
}
