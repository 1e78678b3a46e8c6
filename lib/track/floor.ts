/**
 * Which feet stand when, which way is up, and how high the floor lies: from a fitted clip itself.
 * @module
 */
import type { Camera } from "../geometry/mod.ts";

/** Of a foot, in this order: left heel, left toes, right heel, right toes. */
export const FOOT_SPOTS = 4;

/** What the floor is found from; places in axes in which Y is about up, metres. */
export interface FootPaths {
  readonly fps: number;
  /** [F·4·3] see {@linkcode FOOT_SPOTS}. */
  readonly feet: ArrayLike<number>;
  /** [F·4] how surely they are seen, 0 to 1. */
  readonly sure: ArrayLike<number>;
  /** [F·3] from the ankles' middle to the neck. */
  readonly trunk: ArrayLike<number>;
  /** Length of `trunk` of somebody who stands upright. */
  readonly upright: number;
}

/** Where a floor lies. */
export interface FloorPlane {
  /** Turn about X that comes first on the way to axes in which Y is up, radians. */
  readonly pitch: number;
  /** Turn about Z that follows, radians. */
  readonly roll: number;
  /** Height of the feet's spots where they stand, after the turn. */
  readonly height: number;
}

/** The floor under a clip. */
export interface Floor extends FloorPlane {
  /** [F·4] 0 to 1: that this spot of a foot stands. */
  readonly stands: Float32Array;
}

/**
 * A spot that stands is slower than this across the view, metres a second: along it nobody sees well. It
 * is at most so high, metres.
 */
const STANDS = { speed: 0.4, above: 0.12 } as const;
/** Deviations: of contacts from the floor's plane, metres; of an upright person's lean, a camera's pitch and roll. */
const PLANE = 0.03;
const [LEAN, PITCH, ROLL] = [8, 15, 3].map((degrees) => degrees * Math.PI / 180);
/** Somebody whose neck is less than this share of the upright height above the ankles bends. */
const UPRIGHT = 0.93;

/** Somebody who would have to be larger than this, or as much smaller, stands on something else. */
const LARGEST = 1.35;

/** Finds the floor; where no foot is seen to stand, Y is taken to be up. */
export function findFloor(paths: FootPaths): Floor {
  let floor: Floor = { pitch: 0, roll: 0, height: 0, stands: new Float32Array() };
  for (let round = 0; round < 3; round++) {
    const feet = turned(paths.feet, floor);
    const stands = standing(feet, paths);
    const turn = tilt(paths, stands);
    floor = { ...turn, height: heightOf(turned(paths.feet, turn), stands), stands };
  }
  return floor;
}

/** Which feet stand on a floor that is known, and how much larger all is if they do stand on it. */
export function standOn(paths: FootPaths, plane: FloorPlane): { floor: Floor; scale: number } {
  const feet = turned(paths.feet, plane);
  const stands = standing(feet, paths);
  const scale = stands.some((value) => value > 0.3) ? plane.height / heightOf(feet, stands) : 1;
  const believed = scale > 1 / LARGEST && scale < LARGEST;
  return { floor: { ...plane, stands }, scale: believed ? scale : 1 };
}

/** The floor that a fit's first camera sees, in that camera's axes as fits begin with them. */
export function floorUnder({ rotation: r, translation: t }: Camera): FloorPlane {
  return {
    pitch: Math.atan2(r[7], -r[4]),
    roll: Math.asin(Math.max(-1, Math.min(1, r[1]))),
    height: t[0] * r[1] + t[1] * r[4] + t[2] * r[7],
  };
}

/** Points [N·3] in upright axes. */
function turned(points: ArrayLike<number>, { pitch, roll }: Pick<Floor, "pitch" | "roll">) {
  const m = uprightTurn({ pitch, roll });
  return Float32Array.from(points, (_, i) => {
    const [at, row] = [i - i % 3, i % 3 * 3];
    return m[row] * points[at] + m[row + 1] * points[at + 1] + m[row + 2] * points[at + 2];
  });
}

/** Row-major 3×3. */
export function uprightTurn({ pitch, roll }: Pick<Floor, "pitch" | "roll">): Float64Array {
  const [cp, sp, cr, sr] = [Math.cos(pitch), Math.sin(pitch), Math.cos(roll), Math.sin(roll)];
  return Float64Array.of(cr, -sr * cp, sr * sp, sr, cr * cp, -cr * sp, 0, sp, cp);
}

/** How surely each spot stands: slow, and low among all that is slow around that time. */
function standing(feet: Float32Array, { fps, sure }: FootPaths): Float32Array {
  const frames = feet.length / 12;
  const at = (frame: number, spot: number) =>
    feet.subarray(frame * 12 + spot * 3, frame * 12 + spot * 3 + 3);
  // Over a tenth of a second: landmarks tremble.
  const reach = Math.max(1, Math.round(fps * 0.05));
  const slow = new Float32Array(frames * 4);
  for (let f = 0; f < frames; f++) {
    const [a, b] = [Math.max(0, f - reach), Math.min(frames - 1, f + reach)];
    for (let spot = 0; spot < 4; spot++) {
      const speed = a === b ? 0 : across(at(a, spot), at(b, spot)) * fps / (b - a);
      slow[f * 4 + spot] = Math.exp(-((speed / STANDS.speed) ** 2)) * sure[f * 4 + spot];
    }
  }
  const heights = [...slow.keys()].filter((i) => slow[i] > 0.3).map((i) => feet[i * 3 + 1])
    .sort((a, b) => a - b);
  if (heights.length === 0) return slow.fill(0);
  const low = heights[Math.floor(heights.length * 0.2)];
  return slow.map((value, i) => {
    const above = Math.max(0, feet[i * 3 + 1] - low) / STANDS.above;
    return value * Math.exp(-above * above);
  });
}

/** How far a place moved across the view of a camera at the origin. */
function across(from: Float32Array, to: Float32Array): number {
  const moved = from.map((value, c) => to[c] - value);
  const along = moved.reduce((sum, value, c) => sum + value * from[c], 0) / Math.hypot(...from);
  return Math.sqrt(Math.max(0, Math.hypot(...moved) ** 2 - along ** 2));
}

/** Pitch and roll that make the contacts level and who stands upright, near a level camera's. */
function tilt(
  { feet, trunk, upright, fps }: FootPaths,
  stands: Float32Array,
): { pitch: number; roll: number } {
  const frames = trunk.length / 3;
  // Sums of weighted contacts: the plane's error is a quadratic form of the up direction.
  const mean = [0, 0, 0], C = new Float64Array(9);
  let weight = 0;
  for (let i = 0; i < stands.length; i++) {
    weight += stands[i];
    for (let c = 0; c < 3; c++) mean[c] += stands[i] * feet[i * 3 + c];
  }
  for (let i = 0; i < stands.length && weight > 0; i++) {
    const d = mean.map((value, c) => feet[i * 3 + c] - value / weight);
    for (let k = 0; k < 9; k++) C[k] += stands[i] * d[Math.floor(k / 3)] * d[k % 3];
  }
  const lean = [0, 0, 0];
  let straight = 0;
  for (let f = 0; f < frames; f++) {
    const length = Math.hypot(trunk[f * 3], trunk[f * 3 + 1], trunk[f * 3 + 2]);
    const both = Math.max(stands[f * 4], stands[f * 4 + 1]) *
      Math.max(stands[f * 4 + 2], stands[f * 4 + 3]);
    if (length < UPRIGHT * upright || both < 0.2) continue;
    for (let c = 0; c < 3; c++) lean[c] += both * trunk[f * 3 + c] / length;
    straight += both;
  }
  // Neighbouring frames say the same: so many opinions a second.
  const opinions = 4 / fps;
  const cost = (pitch: number, roll: number) => {
    const up = uprightTurn({ pitch, roll }).subarray(3, 6);
    let plane = 0;
    for (let k = 0; k < 9; k++) plane += C[k] * up[Math.floor(k / 3)] * up[k % 3];
    const along = straight > 0
      ? (up[0] * lean[0] + up[1] * lean[1] + up[2] * lean[2]) / Math.hypot(...lean)
      : 1;
    return opinions * plane / PLANE ** 2 +
      opinions * straight * (2 - 2 * along) / LEAN ** 2 +
      (pitch / PITCH) ** 2 + (roll / ROLL) ** 2;
  };
  let [pitch, roll, step] = [0, 0, 0.1];
  while (step > 1e-4) {
    const around = [-1, 0, 1].flatMap((a) =>
      [-1, 0, 1].map((b) => [pitch + a * step, roll + b * step])
    );
    const best = around.reduce((a, b) => cost(b[0], b[1]) < cost(a[0], a[1]) ? b : a, [
      pitch,
      roll,
    ]);
    if (best[0] === pitch && best[1] === roll) step /= 2;
    [pitch, roll] = best;
  }
  return { pitch, roll };
}

/** Weighted median of the heights of what stands; else the lowest place of a foot. */
function heightOf(feet: Float32Array, stands: Float32Array): number {
  const order = [...stands.keys()].sort((a, b) => feet[a * 3 + 1] - feet[b * 3 + 1]);
  const half = stands.reduce((sum, value) => sum + value, 0) / 2;
  if (half < 0.5) return feet[order[0] * 3 + 1];
  let sum = 0;
  return feet[order.find((i) => (sum += stands[i]) >= half)! * 3 + 1];
}
