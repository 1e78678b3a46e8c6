/**
 * The light of a reference picture, as far as the person's surface tells, so that another light can
 * take its place: what lay in the shade need not do so when the body has turned.
 * @module
 */
import { type BodyMesh, Random } from "../geometry/mod.ts";

/** How much brighter a surface is by the way it faces: 1 + b·n, n its unit normal in the world. */
export type Light = readonly [number, number, number];

/** Light of rooms and days: more comes from above. */
export const USUAL_LIGHT: Light = [0, 0.4, 0];

/** The same from everywhere. */
export const NO_LIGHT: Light = [0, 0, 0];

/** Least brightness, of 1: light from everywhere reaches the shade too. */
const SHADE = 0.45;

/** Brightness of a surface with this normal. */
export function brightness(light: Light, x: number, y: number, z: number): number {
  return Math.max(SHADE, 1 + light[0] * x + light[1] * y + light[2] * z);
}

/** What tells of light: colours [V·3] of seen vertices and how they face. */
export interface LitSurface {
  readonly body: BodyMesh;
  /** Unit normals in the world, [V·3]. */
  readonly normals: Float32Array;
  readonly colours: Float32Array;
  readonly seen: Uint32Array;
  readonly mirror: Int32Array;
}

/** Pairs drawn for each vertex, and how near they lie on the body, metres. */
const PAIRS = { each: 6, within: 0.2 };
/** Colours of one cloth have the same shares of red, green and blue, within this. */
const SAME_HUE = 0.025;
/** Deviation of brightness beyond which a pair is taken for a pattern. */
const RESIDUAL = 0.06;
/** How much the usual light counts beside each pair. */
const RIDGE = 0.004;
const ROUNDS = 8;

/**
 * The light under which pairs of spots of the same colour look as bright as they do: left and right of
 * the body, and spots near each other with the same hue (least squares with Geman and McClure's
 * weights, so that patterns count little).
 */
export function findLight(surface: LitSurface): Light {
  const pairs = pairsOf(surface);
  const { normals } = surface;
  let light: Light = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const matrix = new Float64Array(9), right = new Float64Array(3);
    let sum = 0;
    for (const { a, b, difference } of pairs) {
      // Same cloth: c_a (1 + b·n_b) = c_b (1 + b·n_a), over the sum of both.
      const row = [0, 1, 2].map((k) =>
        (1 + difference) / 2 * normals[b * 3 + k] - (1 - difference) / 2 * normals[a * 3 + k]
      );
      const residual = row[0] * light[0] + row[1] * light[1] + row[2] * light[2] + difference;
      const weight = 1 / (1 + (residual / RESIDUAL) ** 2) ** 2;
      sum += weight;
      for (let i = 0; i < 3; i++) {
        right[i] -= weight * row[i] * difference;
        for (let j = 0; j < 3; j++) matrix[i * 3 + j] += weight * row[i] * row[j];
      }
    }
    const ridge = Math.max(1, sum) * RIDGE;
    for (let i = 0; i < 3; i++) {
      matrix[i * 4] += ridge;
      right[i] += ridge * USUAL_LIGHT[i];
    }
    light = solve(matrix, right);
  }
  return light;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  /** (c_a − c_b) / (c_a + c_b) of their brightness. */
  readonly difference: number;
}

function pairsOf({ body, colours, seen, mirror }: LitSurface): Pair[] {
  const pairs: Pair[] = [];
  const isSeen = new Set(seen);
  const sum = (v: number) => colours[v * 3] + colours[v * 3 + 1] + colours[v * 3 + 2];
  const add = (a: number, b: number): void => {
    const [total, other] = [sum(a), sum(b)];
    if (total < 60 || other < 60) return;
    for (let k = 0; k < 3; k++) {
      if (Math.abs(colours[a * 3 + k] / total - colours[b * 3 + k] / other) > SAME_HUE) return;
    }
    pairs.push({ a, b, difference: (total - other) / (total + other) });
  };
  const random = new Random(1);
  const t = body.template;
  for (const v of seen) {
    const other = mirror[v];
    if (other > v && isSeen.has(other)) add(v, other);
    for (let i = 0; i < PAIRS.each; i++) {
      const b = seen[random.int(seen.length)];
      const far = Math.hypot(
        t[v * 3] - t[b * 3],
        t[v * 3 + 1] - t[b * 3 + 1],
        t[v * 3 + 2] - t[b * 3 + 2],
      );
      if (b !== v && far < PAIRS.within) add(v, b);
    }
  }
  return pairs;
}

/** Cramer's rule for a symmetric 3×3. */
function solve(m: Float64Array, r: Float64Array): Light {
  const det = (a: readonly number[]) =>
    a[0] * (a[4] * a[8] - a[5] * a[7]) - a[1] * (a[3] * a[8] - a[5] * a[6]) +
    a[2] * (a[3] * a[7] - a[4] * a[6]);
  const all = det([...m]);
  const [x, y, z] = [0, 1, 2].map((column) =>
    det([...m].map((value, i) => i % 3 === column ? r[Math.floor(i / 3)] : value)) / all
  );
  return [x, y, z];
}
