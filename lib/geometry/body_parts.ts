/**
 * Parts of a body that a picture can be framed on, by their place in the T-pose, so that they are the
 * same on every mesh.
 * @module
 */
import type { BodyMesh } from "./body.ts";
import { jointIndex } from "./skeleton.ts";

/** What of a person is looked at: all, from the hips up with both arms, or the head. */
export type BodyPart = "full" | "upper" | "face";

/** Indices of the skin's vertices that belong to a part, each once. */
export function partVertices(body: BodyMesh, part: BodyPart): Uint32Array {
  const all = [...new Set(body.bodyFaces)];
  if (part === "full") return Uint32Array.from(all);
  const level = (name: "pelvis" | "neck" | "head") => body.restJoints[jointIndex(name) * 3 + 1];
  const [neck, head] = [level("neck"), level("head")];
  // In the T-pose the arms lie below the neck and above the hips.
  const above = part === "upper" ? level("pelvis") : neck + (head - neck) / 3;
  return Uint32Array.from(all.filter((vertex) => body.template[vertex * 3 + 1] > above));
}

/** The places of some vertices, [N·3]. */
export function pickVertices(vertices: Float32Array, indices: Uint32Array): Float32Array {
  const out = new Float32Array(indices.length * 3);
  indices.forEach((index, i) => out.set(vertices.subarray(index * 3, index * 3 + 3), i * 3));
  return out;
}
