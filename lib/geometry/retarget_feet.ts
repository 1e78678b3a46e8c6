/**
 * Keeps feet where they stand: a leg that is longer or shorter than the source's would slide.
 * @module
 */
import { between, multiply, type Quaternion, rotate } from "./quaternion.ts";
import { jointIndex, NOMINAL_JOINTS } from "./skeleton.ts";

/** A motion in the making; turns of legs are changed in place. */
export interface FootedMotion {
  readonly fps: number;
  /** [N][24] turns of the joints in the world. */
  readonly worlds: Quaternion[][];
  /** [N] places of the pelvis, metres. */
  readonly pelvises: number[][];
  /** [N][2] where the source's left and right ankles are, scaled; metres, the floor at height 0. */
  readonly ankles: readonly (readonly number[][])[];
}

type Vector = readonly number[];

/** The ball of a foot that stands is slower than this, metres a second, and at most so high, metres. */
const STANDS = { speed: 0.35, above: 0.05 };
/** Seconds over which a foot comes to its place and leaves it. */
const BLEND = 0.15;
/** Of a leg's length, the most that it is stretched. */
const STRETCH = 0.9995;

const rest = (joint: number): number[] => [...NOMINAL_JOINTS.subarray(joint * 3, joint * 3 + 3)];
const minus = (a: Vector, b: Vector) => a.map((value, axis) => value - b[axis]);
const plus = (a: Vector, b: Vector) => a.map((value, axis) => value + b[axis]);
const times = (a: Vector, by: number) => a.map((value) => value * by);
const dot = (a: Vector, b: Vector) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);
const length = (a: Vector) => Math.hypot(...a);
const unit = (a: Vector) => times(a, 1 / (length(a) || 1));

/** Turns the legs so that the ball of a foot that stands does not move, and ankles go as the source's. */
export function plantFeet(motion: FootedMotion): void {
  (["left", "right"] as const).forEach((side, foot) => {
    const [hip, knee, ankle, ball] = (["hip", "knee", "ankle", "foot"] as const).map((name) =>
      jointIndex(`${side}_${name}`)
    );
    const arms = motion.worlds.map((world) => rotate(world[ankle], minus(rest(ball), rest(ankle))));
    const balls = motion.ankles.map((both, frame) => plus(both[foot], arms[frame]));
    const moved = corrections(balls, motion.fps, rest(ball)[1]);
    motion.worlds.forEach((world, frame) => {
      const wanted = minus(plus(balls[frame], moved[frame]), arms[frame]);
      bendLeg(world, { hip, knee, ankle }, { pelvis: motion.pelvises[frame], wanted });
    });
  });
}

/** What is added to the places of a ball of a foot so that it stays put while it stands. */
function corrections(balls: readonly Vector[], fps: number, height: number): number[][] {
  const lowest = [...balls].map(([, y]) => y).sort((a, b) => a - b)[Math.floor(balls.length / 20)];
  const stands = balls.map((place, frame) => {
    const [before, after] = [balls[frame - 1] ?? place, balls[frame + 1] ?? place];
    const frames = Number(frame > 0) + Number(frame < balls.length - 1) || 1;
    const speed = length(minus(after, before)) * fps / frames;
    return speed < STANDS.speed && place[1] < lowest + STANDS.above;
  });
  const known = balls.map((): number[] | undefined => undefined);
  for (let first = 0; first < balls.length; first++) {
    if (!stands[first]) continue;
    let end = first;
    while (stands[end]) end++;
    const phase = balls.slice(first, end);
    const mean = times(phase.reduce((sum, place) => plus(sum, place), [0, 0, 0]), 1 / phase.length);
    const spot = [mean[0], height, mean[2]];
    for (let frame = first; frame < end; frame++) known[frame] = minus(spot, balls[frame]);
    first = end;
  }
  return faded(known, Math.max(1, Math.round(BLEND * fps)));
}

/** Known values stay; others fade from the known ones at either side to nothing over `reach` frames. */
function faded(known: readonly (number[] | undefined)[], reach: number): number[][] {
  return known.map((own, frame) => {
    if (own) return own;
    let sum = [0, 0, 0], weights = 0;
    for (const step of [-1, 1]) {
      for (let away = 1; away <= reach; away++) {
        const other = known[frame + step * away];
        if (!other) continue;
        const weight = 0.5 + 0.5 * Math.cos(Math.PI * away / (reach + 1));
        sum = plus(sum, times(other, weight));
        weights += weight;
        break;
      }
    }
    return times(sum, 1 / Math.max(1, weights));
  });
}

/** Turns thigh and shin, in the plane that the knee bends in, so that the ankle comes to `wanted`. */
function bendLeg(
  world: Quaternion[],
  { hip, knee, ankle }: { hip: number; knee: number; ankle: number },
  { pelvis, wanted }: { pelvis: Vector; wanted: Vector },
): void {
  const from = plus(pelvis, rotate(world[0], minus(rest(hip), rest(0))));
  const thigh = rotate(world[hip], minus(rest(knee), rest(hip)));
  const shin = rotate(world[knee], minus(rest(ankle), rest(knee)));
  const [upper, lower] = [length(thigh), length(shin)];
  const line = minus(wanted, from);
  const away = Math.min(length(line), (upper + lower) * STRETCH);
  const along = unit(line);
  // The knee goes to the side where it was; a straight leg's goes forward.
  const side = minus(thigh, times(along, dot(thigh, along)));
  const ahead = rotate(world[hip], [0, 0, 1]);
  const forward = minus(ahead, times(along, dot(ahead, along)));
  const pole = unit(plus(side, times(unit(forward), 0.02)));
  const cosine = (upper * upper + away * away - lower * lower) / (2 * upper * away);
  const reach = upper * Math.max(-1, Math.min(1, cosine));
  const rise = Math.sqrt(Math.max(0, upper * upper - reach * reach));
  const kneeAt = plus(times(along, reach), times(pole, rise));
  const shinNow = minus(times(along, away), kneeAt);
  world[hip] = multiply(between(thigh, kneeAt), world[hip]);
  world[knee] = multiply(between(shin, shinNow), world[knee]);
}
