/**
 * Motions made by joint-angle curves: what moves the synthetic people, and what `builtin:walk` names.
 * @module
 */

import { ConfigError, InputError } from "../errors.ts";
import type { BodyMesh } from "./body.ts";
import { poseSkeleton } from "./body_skinning.ts";
import { GAITS } from "./builtin_motion_gait.ts";
import { MOVES } from "./builtin_motion_moves.ts";
import type { Moment, Move, MoveStyle } from "./builtin_motion_sketch.ts";
import type { Motion } from "./motion.ts";
import type { Random } from "./random.ts";
import { JOINT_PARENTS, jointIndex, NOMINAL_JOINTS } from "./skeleton.ts";

const ALL: Readonly<Record<string, Move>> = { ...GAITS, ...MOVES };

/** Names that {@link builtinMotion} knows. */
export const motionNames: readonly string[] = Object.keys(ALL);

/** Options of {@link builtinMotion}. */
export interface BuiltinMotionOptions {
  /** How many frames. */
  frames: number;
  /** Frames a second. */
  fps: number;
  /** Source of variety: width, tempo, phase, leading side, heading. Without it the plain movement. */
  style?: Random;
  /** Direction faced in frame 0, degrees to the left of +Z; default 0, with `style` any. */
  heading?: number;
  /** Whether walking and running stay where they are; default they go forward. */
  inPlace?: boolean;
  /** The body that will move: its own legs then decide the height; default common proportions. */
  body?: BodyMesh;
  /** Its shape coefficients. */
  shape?: ArrayLike<number>;
}

/** All that a style draws. */
interface Character extends MoveStyle {
  tempo: number;
  start: number;
  heading: number;
}

function drawCharacter(move: Move, style: Random | undefined, heading?: number): Character {
  const [first, last] = move.starts;
  if (style === undefined) {
    return {
      amplitude: 1,
      tempo: 1,
      start: Math.max(0, first),
      heading: heading ?? 0,
      lead: "right",
      taste: [0, 0, 0, 0, 0],
    };
  }
  const amplitude = style.range(0.75, 1.2);
  const tempo = style.range(0.85, 1.2);
  const start = style.range(first, last);
  const anywhere = style.range(-180, 180);
  const lead = style.pick(["left", "right"] as const);
  const taste = Array.from({ length: 5 }, () => style.range(-1, 1));
  return { amplitude, tempo, start, heading: heading ?? anywhere, lead, taste };
}

/** Feet of a pose with no translation. */
interface Feet {
  /** Height of the lowest point. */
  lowest: number;
  /** Ankles, left and right, (x, z). */
  ankles: [number, number][];
  /** Depth z of the balls of the feet, left and right. */
  balls: [number, number];
}

const ANKLES = [jointIndex("left_ankle"), jointIndex("right_ankle")];
const BALLS = [jointIndex("left_foot"), jointIndex("right_foot")];
const NO_MOVE = [0, 0, 0];
/** Middle of the ankles in the rest pose, (x, z). */
const REST_ANKLES = [0, NOMINAL_JOINTS[ANKLES[0] * 3 + 2]];
/** Heel and tip of the toes, from ankle and ball of the foot in the rest pose; metres. */
const SOLE = [{ up: 0, back: -0.07 }, { up: 3, back: 0.07 }];

function describeFeet(lowest: number, joints: ArrayLike<number>): Feet {
  const [left, right] = BALLS.map((joint) => joints[joint * 3 + 2]);
  const ankles = ANKLES.map((
    joint,
  ): [number, number] => [joints[joint * 3], joints[joint * 3 + 2]]);
  return { lowest, ankles, balls: [left, right] };
}

/** Feet by the nominal skeleton: heel and toes of both. */
function nominalFeet(pose: Float32Array): Feet {
  const { positions, world } = poseSkeleton(JOINT_PARENTS, NOMINAL_JOINTS, pose, NO_MOVE);
  let lowest = Infinity;
  for (const ankle of ANKLES) {
    for (const { up, back } of SOLE) {
      const joint = ankle + up;
      const down = -NOMINAL_JOINTS[joint * 3 + 1];
      const row = joint * 9 + 3;
      lowest = Math.min(
        lowest,
        positions[joint * 3 + 1] + world[row + 1] * down + world[row + 2] * back,
      );
    }
  }
  return describeFeet(lowest, positions);
}

/** Feet by the mesh that will be seen. */
function meshFeet(body: BodyMesh, shape: ArrayLike<number> | undefined, pose: Float32Array): Feet {
  const { vertices, joints } = body.pose({ pose, shape });
  let lowest = Infinity;
  for (const corner of body.bodyFaces) lowest = Math.min(lowest, vertices[corner * 3 + 1]);
  return describeFeet(lowest, joints);
}

/** Metres that the body goes forward in one cycle, so that a foot on the floor does not slide. */
function strideLength(move: Move, style: MoveStyle, feetOf: (pose: Float32Array) => Feet): number {
  const steps = 48;
  const moments = Array.from({ length: steps }, (_, k) => move.moment(k / steps, style));
  const feet = moments.map(({ sketch }) => sketch.toPose()).map((pose) => feetOf(pose).balls);
  const backward: number[] = [];
  for (let k = 0; k < steps; k++) {
    const next = (k + 1) % steps;
    if ((moments[k].clearance ?? 0) > 0 || (moments[next].clearance ?? 0) > 0) continue;
    // The leg on the floor is the one that moves backward.
    backward.push(Math.max(feet[k][0] - feet[next][0], feet[k][1] - feet[next][1]));
  }
  return backward.reduce((sum, step) => sum + step, 0) / backward.length * steps;
}

/** Where the root goes in one frame, before the heading is applied. */
function place(
  move: Move,
  moment: Moment,
  feet: Feet,
  travelled: number,
): [number, number, number] {
  const [aside, forward] = moment.shift ?? [0, 0];
  const middle = move.feet === "planted"
    ? [0, 1].map((axis) => (feet.ankles[0][axis] + feet.ankles[1][axis]) / 2 - REST_ANKLES[axis])
    : [0, 0];
  return [
    aside - middle[0],
    (moment.clearance ?? 0) - feet.lowest,
    forward - middle[1] + travelled,
  ];
}

/** Turns a root orientation to the left by `degrees` about the vertical axis. */
function turnedPose(moment: Moment, degrees: number): Float32Array {
  return moment.sketch.turn("pelvis", "y", degrees).toPose();
}

/**
 * A motion by name: walk, run, turn, wave, squat, jump or dance. The subject stands on y = 0, begins
 * at x = z = 0 on the floor and faces `heading`; the lowest point of the feet touches the floor in
 * every frame but those of a run's or jump's flight. Equal options, equal motion.
 *
 * Throws ConfigError for an unknown name, InputError for no frames or a rate that is not positive.
 *
 * @example
 * ```ts
 * import { builtinMotion, Random } from "./mod.ts";
 * const motion = builtinMotion("walk", { frames: 17, fps: 8, style: new Random(3) });
 * ```
 */
export function builtinMotion(name: string, options: BuiltinMotionOptions): Motion {
  const { frames, fps, inPlace = false, body, shape } = options;
  const move = Object.hasOwn(ALL, name) ? ALL[name] : undefined;
  if (move === undefined) {
    throw new ConfigError(
      `there is no built-in motion "${name}"; there are ${motionNames.join(", ")}`,
    );
  }
  if (!Number.isInteger(frames) || frames < 1) {
    throw new InputError(`cannot make ${frames} frames of "${name}", expected a positive integer`);
  }
  if (!Number.isFinite(fps) || fps <= 0) {
    throw new InputError(`cannot make "${name}" at ${fps} fps, expected a positive number`);
  }
  const character = drawCharacter(move, options.style, options.heading);
  const feetOf = body === undefined
    ? nominalFeet
    : (pose: Float32Array) => meshFeet(body, shape, pose);
  const goes = move.feet === "travelling" && !inPlace;
  const stride = goes ? strideLength(move, character, feetOf) : 0;
  const spin = (move.turnPerCycle ?? 0) * (character.lead === "left" ? 1 : -1);
  const poses = new Float32Array(frames * 72);
  const translations = new Float32Array(frames * 3);
  for (let frame = 0; frame < frames; frame++) {
    const cycles = frame / fps * character.tempo / move.period;
    const moment = move.moment(character.start + cycles, character);
    const root = place(move, moment, feetOf(moment.sketch.toPose()), cycles * stride);
    const yaw = character.heading + spin * cycles;
    poses.set(turnedPose(moment, yaw), frame * 72);
    // The body turns about the pelvis, which stands over the origin; its path turns by the heading.
    const [sine, cosine] = [Math.sin(yaw * Math.PI / 180), Math.cos(yaw * Math.PI / 180)];
    translations.set(
      [cosine * root[0] + sine * root[2], root[1], cosine * root[2] - sine * root[0]],
      frame * 3,
    );
  }
  return { fps, frames, poses, translations };
}
