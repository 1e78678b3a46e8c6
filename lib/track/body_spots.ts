/**
 * Where the points that BlazePose and MediaPipe's hand and face networks mark lie on the body.
 * @module
 */
import { type BodyMesh, JOINT_NAMES, type JointName } from "../geometry/mod.ts";
import { bodySpots } from "../perception/mod.ts";
import type { BodySpot } from "./tensor_body.ts";

/** A place in the T-pose of the mean shape of the own body, metres, and the joint it moves with. */
type Place = readonly [joint: JointName, x: number, y: number, z: number];

/** Places of the left half and the middle; of the right half they are mirrored. */
const places: Readonly<Record<string, Place>> = {
  nose: ["head", 0, 1.53, 0.185],
  left_eye_inner: ["head", 0.017, 1.554, 0.152],
  left_eye: ["head", 0.029, 1.554, 0.157],
  left_eye_outer: ["head", 0.043, 1.554, 0.148],
  left_ear: ["head", 0.075, 1.535, 0.085],
  mouth_left: ["head", 0.022, 1.485, 0.168],
  left_shoulder: ["left_shoulder", 0.179, 1.339, 0.061],
  left_elbow: ["left_elbow", 0.441, 1.337, 0.052],
  left_wrist: ["left_wrist", 0.678, 1.334, 0.052],
  left_pinky: ["left_wrist", 0.747, 1.326, 0.053],
  left_index: ["left_wrist", 0.748, 1.323, 0.074],
  left_thumb: ["left_wrist", 0.725, 1.32, 0.078],
  left_hip: ["pelvis", 0.081, 0.859, 0.052],
  left_knee: ["left_knee", 0.133, 0.478, 0.045],
  left_ankle: ["left_ankle", 0.126, 0.1, 0.044],
  left_heel: ["left_ankle", 0.121, 0.02, 0],
  left_foot_index: ["left_ankle", 0.138, 0.02, 0.185],
};

/** Points of a hand that no finger moves, by their number in MediaPipe's 21. */
const palm: ReadonlyMap<number, Place> = new Map([
  [0, ["left_wrist", 0.654, 1.336, 0.045] as const],
  [5, ["left_wrist", 0.752, 1.335, 0.08] as const],
  [9, ["left_wrist", 0.757, 1.336, 0.058] as const],
  [13, ["left_wrist", 0.748, 1.335, 0.035] as const],
  [17, ["left_wrist", 0.735, 1.33, 0.014] as const],
]);

/** Points of a face that hardly move in it, by their number in MediaPipe's 468; its left half. */
const face: ReadonlyMap<number, Place> = new Map([
  [1, places.nose],
  [10, ["head", 0, 1.62, 0.155] as const],
  [168, ["head", 0, 1.56, 0.168] as const],
  [362, places.left_eye_inner],
  [263, places.left_eye_outer],
  [454, ["head", 0.077, 1.535, 0.1] as const],
]);

/** The other half's number of each of those points that has one. */
const mirrored: ReadonlyMap<number, number> = new Map([[362, 133], [263, 33], [454, 234]]);

/** What marks a spot: a point of the body's 33, of a hand's 21 or of the face's 468. */
export interface MarkedSpot extends BodySpot {
  readonly of: "body" | "leftHand" | "rightHand" | "face";
  /** Its number there. */
  readonly index: number;
}

/** Farther from the skin than this, metres, a place goes with its joint alone as the shape changes. */
const SKIN = 0.03;

/** All marked spots of a body: the 33 first, in their order. */
export function markedSpots(body: BodyMesh): MarkedSpot[] {
  const skin = [...new Set(body.bodyFaces)];
  // The places are the own body's; on another they lie as far from the joint.
  const own = body.spotSource ?? body;
  const at = ([joint, ...place]: Place) => {
    const j = JOINT_NAMES.indexOf(joint);
    const offset = place.map((value, c) => value - own.restJoints[j * 3 + c]);
    const there = offset.map((value, c) => value + body.restJoints[j * 3 + c]);
    return { joints: [j], offset, vertex: nearest(body, skin, there) };
  };
  return [
    ...bodySpots.map((name, index) => ({ ...at(placeOf(name)), of: "body" as const, index })),
    ...(["leftHand", "rightHand"] as const).flatMap((of) =>
      [...palm].map(([index, place]) => ({
        ...at(of === "leftHand" ? place : mirror(place)),
        ...{ of, index },
      }))
    ),
    ...[...face].flatMap(([index, place]) => {
      const other = mirrored.get(index);
      return [
        { ...at(place), of: "face" as const, index },
        ...other === undefined ? [] : [{ ...at(mirror(place)), of: "face" as const, index: other }],
      ];
    }),
  ];
}

function placeOf(name: string): Place {
  return places[name] ?? mirror(places[name.replace("right", "left")]);
}

function mirror([joint, x, y, z]: Place): Place {
  return [joint.replace("left_", "right_") as JointName, -x, y, z];
}

function nearest(
  { template }: BodyMesh,
  skin: readonly number[],
  place: readonly number[],
): number | undefined {
  let [found, best]: [number | undefined, number] = [undefined, SKIN];
  for (const vertex of skin) {
    const far = Math.hypot(...place.map((value, c) => value - template[vertex * 3 + c]));
    if (far < best) [found, best] = [vertex, far];
  }
  return found;
}
