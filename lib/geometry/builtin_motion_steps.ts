/**
 * Where a foot is during a step, and the leg that brings it there: feet on the floor stay put, roll
 * from heel to toes, and swing forward through the air.
 * @module
 */

import { ease } from "./builtin_motion_sketch.ts";
import { jointIndex, NOMINAL_JOINTS } from "./skeleton.ts";

/** One leg's cycle, in metres for a body of common proportions; phases in cycles from heel strike. */
export interface StepPlan {
  /** Metres that the body goes forward in one cycle. */
  readonly stride: number;
  /** Phase at which the toes leave the floor. */
  readonly toeOff: number;
  /** Phase at which the ankle passes under the hip. */
  readonly under: number;
  /** Degrees of the foot at heel strike (toes up is negative) and at toe-off. */
  readonly pitch: readonly [strike: number, toeOff: number];
  /** Phase at which the heel begins to rise. */
  readonly heelRise: number;
  /** Metres by which the swinging foot is lifted, and when (0 … 1 of the swing). */
  readonly lift: readonly [height: number, when: number];
}

/** A foot in the vertical plane of walking: metres before the hip, metres over the floor, degrees. */
export interface FootPlace {
  forward: number;
  height: number;
  /** Toes down is positive. */
  pitch: number;
}

/** From the ankle in the rest pose: height over the sole, heel and ball of the foot. */
const ANKLE_HEIGHT = 0.067, HEEL = -0.05, BALL = 0.125;

const RADIANS = Math.PI / 180;

/** The ankle when a foot of this pitch stands on the point `pivot` metres before the ankle. */
function rolled(flat: number, pivot: number, pitch: number): FootPlace {
  const [sine, cosine] = [Math.sin(pitch * RADIANS), Math.cos(pitch * RADIANS)];
  return {
    forward: flat + pivot + ANKLE_HEIGHT * sine - pivot * cosine,
    height: ANKLE_HEIGHT * cosine + pivot * sine,
    pitch,
  };
}

function standing(plan: StepPlan, phase: number): FootPlace {
  const flat = plan.stride * (plan.under - phase);
  const [strike, toeOff] = plan.pitch;
  if (phase < plan.heelRise) {
    return rolled(flat, HEEL, strike * (1 - ease(phase, -0.02, plan.toeOff * 0.18)));
  }
  return rolled(flat, BALL, toeOff * ease(phase, plan.heelRise, plan.toeOff * 1.06));
}

/** Cubic Hermite curve from `a` to `b` with slopes per unit of u. */
function hermite(u: number, a: number, b: number, slopeA: number, slopeB: number): number {
  const u2 = u * u, u3 = u2 * u;
  return (2 * u3 - 3 * u2 + 1) * a + (u3 - 2 * u2 + u) * slopeA + (3 * u2 - 2 * u3) * b +
    (u3 - u2) * slopeB;
}

/** The foot at a phase of its own cycle. */
export function footPlace(plan: StepPlan, phase: number): FootPlace {
  const p = phase - Math.floor(phase);
  if (p <= plan.toeOff) return standing(plan, p);
  const length = 1 - plan.toeOff, u = (p - plan.toeOff) / length;
  const from = standing(plan, plan.toeOff), to = standing(plan, 0), step = 1e-3;
  const before = standing(plan, plan.toeOff - step), after = standing(plan, step);
  const slope = (a: number, b: number) => (b - a) / step * length;
  const [height, when] = plan.lift;
  const rise = Math.sin(Math.PI * u ** (Math.log(0.5) / Math.log(when))) ** 2;
  return {
    forward: hermite(
      u,
      from.forward,
      to.forward,
      slope(before.forward, from.forward),
      slope(to.forward, after.forward),
    ),
    height: hermite(u, from.height, to.height, 0, 0) + height * rise,
    pitch: from.pitch * (1 - ease(u, 0, 0.75)) + to.pitch * ease(u, 0.45, 1),
  };
}

/** Height over the floor of the lowest point of a foot. */
export function soleHeight({ height, pitch }: FootPlace): number {
  const [sine, cosine] = [Math.sin(pitch * RADIANS), Math.cos(pitch * RADIANS)];
  return height - ANKLE_HEIGHT * cosine - Math.max(HEEL * sine, BALL * sine);
}

/** Length and forward lean (degrees) of a leg bone in the rest pose, seen from the side. */
function restBone(from: number, to: number): [length: number, lean: number] {
  const [y, z] = [1, 2].map((axis) =>
    NOMINAL_JOINTS[to * 3 + axis] - NOMINAL_JOINTS[from * 3 + axis]
  );
  return [Math.hypot(y, z), Math.atan2(z, -y) / RADIANS];
}

const [THIGH, THIGH_LEAN] = restBone(jointIndex("left_hip"), jointIndex("left_knee"));
const [SHIN, SHIN_LEAN] = restBone(jointIndex("left_knee"), jointIndex("left_ankle"));

/**
 * A distance that the leg can span, bent a little at the longest: near the straight leg a tiny
 * change of distance would throw the knee.
 */
function shortened(distance: number): number {
  const longest = 0.985 * (THIGH + SHIN), softness = 0.006;
  return distance - softness * Math.log1p(Math.exp((distance - longest) / softness));
}

/** Degrees of hip, knee and ankle that bring the ankle to a place under a hip of this height. */
export function reach(
  foot: FootPlace,
  hipHeight: number,
): { hip: number; knee: number; ankle: number } {
  const down = hipHeight - foot.height;
  const away = shortened(Math.hypot(foot.forward, down));
  const corner = (a: number, b: number, opposite: number) =>
    Math.acos(Math.max(-1, Math.min(1, (a * a + b * b - opposite * opposite) / (2 * a * b))));
  const thigh = (Math.atan2(foot.forward, down) + corner(THIGH, away, SHIN)) / RADIANS;
  const bend = 180 - corner(THIGH, SHIN, away) / RADIANS;
  const hip = thigh - THIGH_LEAN;
  // The rest pose's own bend counts as none.
  const knee = bend - (THIGH_LEAN - SHIN_LEAN);
  return { hip, knee, ankle: foot.pitch + hip - knee };
}
