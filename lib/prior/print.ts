/**
 * Prints on the front of a shirt, which its back does not have: spots of another colour than the cloth
 * that lie in the middle of it. Patterns are more than a few spots, and ties, zips and stripes reach
 * from edge to edge: these go all around.
 * @module
 */
import { type BodyMesh, JOINT_NAMES } from "../geometry/mod.ts";
import { jointOf } from "./surface.ts";

const TRUNK = JOINT_NAMES.flatMap((name, joint) => /spine|collar/.test(name) ? [joint] : []);
/** Share of the trunk's seen vertices that have the cloth's colour, at least. */
const CLOTH = 0.6;
/** More spots than this are a pattern. */
const SPOTS = 3;
/** A spot has at least so many vertices. */
const LEAST = 3;
/** Two colours are the same cloth in light and shade: shares of red, green and blue, times brightness. */
const SAME = { hue: 0.035, brighter: 1.6 };
/** So dark, as the sum of red, green and blue, that shares say nothing. */
const DARK = 90;
/** Vertices that are tried for the cloth's colour. */
const TRIED = 64;

/** What a reference shows of a body. */
export interface ShownSurface {
  /** [F·3] */
  readonly faces: Uint32Array;
  /** [V] 1 where seen. */
  readonly seen: Uint8Array;
  /** [V·3] 0..255, right where seen. */
  readonly colours: Float32Array;
}

/** [V] 1 for vertices of prints and those at their edges. */
export function findPrints(body: BodyMesh, { faces, seen, colours }: ShownSurface): Uint8Array {
  const prints = new Uint8Array(body.vertexCount);
  const shown = Uint8Array.from(
    seen,
    (flag, v) => flag && TRUNK.includes(jointOf(body, v)) ? 1 : 0,
  );
  const trunk = [...shown.keys()].filter((v) => shown[v] === 1);
  const cloth = clothColour(trunk, colours);
  if (cloth === undefined) return prints;
  const beside = neighboursOf(faces, shown);
  // With what lies around them the letters of a word are one spot.
  const spots = new Set(
    trunk.filter((v) => !isSame(colours, v, cloth)).flatMap((v) => [v, ...beside.get(v) ?? []]),
  );
  const pieces = piecesOf(spots, beside).filter(({ length }) => length >= LEAST);
  if (pieces.length > SPOTS) return prints;
  for (const piece of pieces) {
    const isInside = piece.every((v) => [...beside.get(v) ?? []].every((w) => shown[w] === 1));
    if (isInside) { for (const v of piece) prints[v] = 1; }
  }
  return prints;
}

/** A vertex of the colour that most of a trunk has; undefined where none is so common. */
function clothColour(trunk: readonly number[], colours: Float32Array): number | undefined {
  const step = Math.max(1, Math.floor(trunk.length / TRIED));
  let [best, most] = [-1, 0];
  for (let i = 0; i < trunk.length; i += step) {
    const like = trunk.filter((v) => isSame(colours, v, trunk[i])).length;
    if (like > most) [best, most] = [trunk[i], like];
  }
  return most > CLOTH * trunk.length ? best : undefined;
}

/** Whether two vertices may be one cloth. */
function isSame(colours: Float32Array, a: number, b: number): boolean {
  const [one, other] = [a, b].map((v) => colours.subarray(v * 3, v * 3 + 3));
  const [bright, light] = [one, other].map(([r, g, b]) => r + g + b);
  if (bright < DARK && light < DARK) return true;
  if (Math.max(bright, light) > SAME.brighter * Math.min(bright, light)) return false;
  return one.every((value, k) => Math.abs(value / bright - other[k] / light) < SAME.hue);
}

/** The vertices that share a face with each of some. */
function neighboursOf(faces: Uint32Array, some: Uint8Array): Map<number, Set<number>> {
  const beside = new Map<number, Set<number>>();
  for (let f = 0; f < faces.length; f += 3) {
    const corners = faces.subarray(f, f + 3);
    for (const v of corners) {
      if (!some[v]) continue;
      const all = beside.get(v) ?? new Set();
      beside.set(v, all);
      for (const w of corners) if (w !== v) all.add(w);
    }
  }
  return beside;
}

/** Parts of a set of vertices that hang together. */
function piecesOf(set: ReadonlySet<number>, beside: Map<number, Set<number>>): number[][] {
  const left = new Set(set), pieces: number[][] = [];
  for (const first of set) {
    if (!left.delete(first)) continue;
    const piece = [first];
    for (const v of piece) {
      for (const w of beside.get(v) ?? []) if (left.delete(w)) piece.push(w);
    }
    pieces.push(piece);
  }
  return pieces;
}
