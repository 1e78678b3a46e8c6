/**
 * Shell and part of each face, and the hair: which faces of MakeHuman's hair helper stay, and a
 * short style lifted off the scalp.
 * @module
 */

import type { BaseMesh } from "./make_body_source.ts";
import { addTarget } from "./make_body_source.ts";
import { visibleFaces } from "./make_body_visibility.ts";

/** Surfaces that can be drawn apart. Hair styles add up: a bob is hair_cap + hair_bob. */
export const SHELLS = ["body", "eyes", "tights", "skirt", "hair_cap", "hair_bob", "hair_long"];

/** Parts that clothes and skin colours are chosen by. */
// deno-fmt-ignore
export const PARTS = [
  "face", "lips", "brows", "ears", "scalp", "neck", "chest", "abdomen", "hips", "upper_arm",
  "forearm", "hand", "thigh", "shin", "foot", "eye_white", "iris", "hair", "inside",
];

/** Part of each of the 24 joints. */
// deno-fmt-ignore
const JOINT_PARTS = [
  "hips", "thigh", "thigh", "abdomen", "shin", "shin", "chest", "foot", "foot", "chest", "foot",
  "foot", "neck", "chest", "chest", "face", "upper_arm", "upper_arm", "forearm", "forearm", "hand",
  "hand", "hand", "hand",
];

/** Hairline in the side view: height (dm) above which the head is scalp, by depth z (dm). */
const HAIRLINE: [number, number][] = [
  [-1, 6.45],
  [-0.45, 6.55],
  [0.1, 6.95],
  [0.55, 7.25],
  [0.75, 7.65],
  [1.0, 7.9],
  [1.6, 8.05],
];

const EAR_TARGETS = ["ears/l-ear-scale-incr", "ears/r-ear-scale-incr"];

/** Faces as triangles over kept vertices. */
export interface LabelledFaces {
  /** [F·3] indices into the base mesh; those of the hair cap point into `capSources`. */
  corners: number[];
  /** [F] indices into {@link SHELLS}. */
  shells: number[];
  /** [F] indices into {@link PARTS}. */
  parts: number[];
}

const GROUP_SHELLS: Record<string, string> = {
  "body": "body",
  "helper-l-eye": "eyes",
  "helper-r-eye": "eyes",
  "helper-tights": "tights",
  "helper-skirt": "skirt",
  "helper-hair": "hair_long",
};

function hairline(z: number): number {
  for (let i = 1; i < HAIRLINE.length; i++) {
    const [z0, y0] = HAIRLINE[i - 1], [z1, y1] = HAIRLINE[i];
    if (z <= z1) return y0 + (y1 - y0) * Math.max(0, (z - z0) / (z1 - z0));
  }
  return HAIRLINE[HAIRLINE.length - 1][1];
}

/** Vertices that these targets move by more than `share` of the largest displacement. */
function movedBy(data: string, names: string[], count: number, share: number): Uint8Array {
  const out = new Uint8Array(count);
  for (const name of names) {
    const moved = new Float64Array(count * 3);
    addTarget(data, name, 1, moved);
    const length = (i: number) => Math.hypot(moved[i * 3], moved[i * 3 + 1], moved[i * 3 + 2]);
    let largest = 0;
    for (let i = 0; i < count; i++) largest = Math.max(largest, length(i));
    for (let i = 0; i < count; i++) if (length(i) > share * largest) out[i] = 1;
  }
  return out;
}

/** Labels every triangle that the asset keeps. `vertices` [N·3] is the A-pose template in dm. */
export function labelFaces(
  data: string,
  mesh: BaseMesh,
  vertices: Float64Array,
  weights: Float64Array,
): LabelledFaces {
  const count = vertices.length / 3;
  const marks = {
    ears: movedBy(data, EAR_TARGETS, count, 0.45),
    besideEars: movedBy(data, EAR_TARGETS, count, 0.15),
    lips: movedBy(
      data,
      ["mouth/mouth-lowerlip-volume-incr", "mouth/mouth-upperlip-volume-incr"],
      count,
      0.45,
    ),
  };
  const out: LabelledFaces = { corners: [], shells: [], parts: [] };
  for (const { group, corners } of mesh.quads) {
    const shell = GROUP_SHELLS[group];
    if (shell === undefined) continue;
    const centre = [0, 1, 2].map((axis) =>
      corners.reduce((sum, v) => sum + vertices[v * 3 + axis], 0) / corners.length
    );
    const style = shell === "hair_long" ? hairStyle(centre) : shell;
    if (style === undefined) continue;
    const part = shell === "eyes"
      ? eyePart(group, mesh, vertices, centre)
      : shell === "hair_long"
      ? "hair"
      : bodyPart(corners, centre, weights, marks);
    for (const [a, b, c] of [[0, 1, 2], [0, 2, 3]]) {
      if (corners[c] === undefined) continue;
      out.corners.push(corners[a], corners[b], corners[c]);
      out.shells.push(SHELLS.indexOf(style));
      out.parts.push(PARTS.indexOf(part));
    }
  }
  hideInside(vertices, out);
  return out;
}

/** Marks what no view shows of the body as `inside`; eyes hide what lies behind them. */
function hideInside(vertices: Float64Array, faces: LabelledFaces): void {
  const solid = faces.shells.flatMap((shell, f) =>
    SHELLS[shell] === "body" || SHELLS[shell] === "eyes" ? [f] : []
  );
  const seen = visibleFaces(vertices, solid.flatMap((f) => faces.corners.slice(f * 3, f * 3 + 3)));
  solid.forEach((f, i) => {
    if (seen[i] === 0 && SHELLS[faces.shells[f]] === "body") {
      faces.parts[f] = PARTS.indexOf("inside");
    }
  });
}

/** Hair in front of the face is dropped; what hangs below the chin is the long style's. */
function hairStyle([x, y, z]: number[]): string | undefined {
  const beforeFace = z > 0.55 && y < 8.0 && y > 5.6 && Math.abs(x) < 1.2;
  const beforeChest = z > 0.4 && y <= 5.6;
  if (beforeFace || beforeChest) return undefined;
  return y > 5.7 ? "hair_bob" : "hair_long";
}

function eyePart(group: string, mesh: BaseMesh, vertices: Float64Array, centre: number[]): string {
  const cube = mesh.cubes.get(group === "helper-l-eye" ? "joint-l-eye" : "joint-r-eye")!;
  const eye = [0, 1].map((axis) =>
    cube.reduce((sum, v) => sum + vertices[v * 3 + axis], 0) / cube.length
  );
  return Math.hypot(centre[0] - eye[0], centre[1] - eye[1]) < 0.07 ? "iris" : "eye_white";
}

function bodyPart(
  corners: number[],
  [x, y, z]: number[],
  weights: Float64Array,
  marks: { ears: Uint8Array; besideEars: Uint8Array; lips: Uint8Array },
): string {
  const shares = new Map<string, number>();
  for (const vertex of corners) {
    for (let joint = 0; joint < 24; joint++) {
      const part = JOINT_PARTS[joint];
      shares.set(part, (shares.get(part) ?? 0) + weights[vertex * 24 + joint]);
    }
  }
  const [part] = [...shares].reduce((best, next) => next[1] > best[1] ? next : best);
  if (part !== "face") return part;
  const all = (mark: Uint8Array) => corners.every((vertex) => mark[vertex] === 1);
  if (all(marks.ears)) return "ears";
  if (y > hairline(z) && !all(marks.besideEars)) return "scalp";
  if (all(marks.lips)) return "lips";
  const brow = z > 1.1 && y > 7.46 && y < 7.58 && Math.abs(x) > 0.14 && Math.abs(x) < 0.55;
  return brow ? "brows" : "face";
}
