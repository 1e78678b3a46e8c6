/**
 * Where the spots that detectors mark lie on a body of any mesh: joints, means of two of them, and
 * points of the skin that are found by their place in the T-pose.
 * @module
 */
import { type BodyMesh, JOINT_NAMES } from "../../geometry/mod.ts";
import type { BodySpot } from "../tensor_body.ts";
import { type SpotName, spotNames } from "./names.ts";

/** A spot by its name. */
export interface Landmark extends BodySpot {
  readonly spot: SpotName;
}

const joint = (name: typeof JOINT_NAMES[number]) => JOINT_NAMES.indexOf(name);

/** All spots on a body that stands in the T-pose, faces +Z and has its left at +X. */
export function landmarksOf(body: BodyMesh): Landmark[] {
  const vertices = skinOf(body);
  const face = faceOf(body, vertices);
  return spotNames.map((spot): Landmark => {
    if (spot === "neck") return { spot, joints: [joint("left_shoulder"), joint("right_shoulder")] };
    if (spot === "mid_hip") return { spot, joints: [joint("left_hip"), joint("right_hip")] };
    const own = JOINT_NAMES.indexOf(spot as typeof JOINT_NAMES[number]);
    if (own >= 0) return { spot, joints: [own] };
    const side = spot.startsWith("left") ? "left" : "right";
    if (/heel|toe/.test(spot)) {
      const vertex = footVertex(body, vertices, { spot, left: side === "left" });
      return { spot, joints: [joint(/toe/.test(spot) ? `${side}_foot` : `${side}_ankle`)], vertex };
    }
    return { spot, joints: [joint("head")], vertex: face(spot) };
  });
}

/** Vertices of the skin, each once. */
function skinOf({ bodyFaces }: BodyMesh): number[] {
  return [...new Set(bodyFaces)];
}

const place = ({ template }: BodyMesh, vertex: number) =>
  template.subarray(vertex * 3, vertex * 3 + 3);

function best(vertices: readonly number[], score: (vertex: number) => number): number {
  return vertices.reduce((found, vertex) => score(vertex) > score(found) ? vertex : found);
}

/** The nose is what reaches forward most, the ears what lies outermost at its height. */
function faceOf(body: BodyMesh, vertices: readonly number[]): (spot: SpotName) => number {
  const base = body.restJoints[joint("head") * 3 + 1];
  const head = vertices.filter((v) => place(body, v)[1] > base);
  const top = Math.max(...head.map((v) => place(body, v)[1]));
  const middle = head.filter((v) => place(body, v)[1] < base + 0.75 * (top - base));
  const nose = best(middle, (v) => place(body, v)[2]);
  const [, noseY, noseZ] = place(body, nose);
  const height = top - base;
  return (spot) => {
    if (spot === "nose") return nose;
    const sign = spot.startsWith("left") ? 1 : -1;
    if (spot.endsWith("ear")) {
      const level = head.filter((v) => Math.abs(place(body, v)[1] - noseY) < 0.25 * height);
      return best(level, (v) => sign * place(body, v)[0]);
    }
    const [x, y, z] = [sign * 0.16 * height, noseY + 0.18 * height, noseZ - 0.12 * height];
    return best(head, (v) => {
      const at = place(body, v);
      return -Math.hypot(at[0] - x, at[1] - y, at[2] - z);
    });
  };
}

function footVertex(
  body: BodyMesh,
  vertices: readonly number[],
  { spot, left }: { readonly spot: SpotName; readonly left: boolean },
): number {
  const ankle = body.restJoints[joint(left ? "left_ankle" : "right_ankle") * 3 + 1];
  const foot = vertices.filter((v) => {
    const [x, y] = place(body, v);
    return y < ankle && (x > 0) === left;
  });
  const [front, back] = [1, -1].map((sign) => best(foot, (v) => sign * place(body, v)[2]));
  if (spot.endsWith("heel")) return back;
  const [near, far] = [place(body, front)[2], place(body, back)[2]];
  const share = spot.endsWith("big_toe") ? 0.08 : 0.25;
  const toes = foot.filter((v) => place(body, v)[2] > near - share * (near - far));
  const inwards = spot.endsWith("big_toe") ? -1 : 1;
  return best(toes, (v) => inwards * Math.abs(place(body, v)[0]));
}
