/**
 * The words that built-in motions are written in: joints turned by degrees about named axes, so that
 * a curve of gait analysis can be written as it is published.
 *
 * In SMPL's rest pose (T-pose facing +Z, left is +X) a positive turn about X bends forward what points
 * up and backward what points down; about Y it turns to the left; about Z it raises the left arm and
 * lowers the right one.
 * @module
 */

import { multiply, type Quaternion, toAxisAngle } from "./quaternion.ts";
import { JOINT_COUNT, jointIndex, type JointName } from "./skeleton.ts";

/** Left or right. */
export type Side = "left" | "right";

/** +1 for left, −1 for right: the sign of what mirrors. */
export function sign(side: Side): 1 | -1 {
  return side === "left" ? 1 : -1;
}

/** A pose under construction. Each turn is added outside (after, in the parent's axes) the earlier ones. */
export class PoseSketch {
  readonly #turns: Quaternion[] = Array.from({ length: JOINT_COUNT }, () => [1, 0, 0, 0]);

  /** Turns a joint by degrees about an axis of its parent. */
  turn(joint: JointName, axis: "x" | "y" | "z", degrees: number): this {
    const half = degrees * Math.PI / 360;
    const by: Quaternion = [Math.cos(half), 0, 0, 0];
    by["xyz".indexOf(axis) + 1] = Math.sin(half);
    const index = jointIndex(joint);
    this.#turns[index] = multiply(by, this.#turns[index]);
    return this;
  }

  /** Bends a leg: thigh forward, knee backward, toes down (plantar flexion); apart moves it outward. */
  leg(side: Side, angles: { hip?: number; knee?: number; ankle?: number; apart?: number }): this {
    const { hip = 0, knee = 0, ankle = 0, apart = 0 } = angles;
    return this.turn(`${side}_hip`, "z", apart * sign(side)).turn(`${side}_hip`, "x", -hip)
      .turn(`${side}_knee`, "x", knee).turn(`${side}_ankle`, "x", ankle);
  }

  /**
   * Places an arm. `lower` brings it down from the T-pose (90 is along the body), `swing` forward,
   * `twist` turns the upper arm about itself so that the elbow bends up instead of forward.
   */
  arm(
    side: Side,
    angles: { lower?: number; swing?: number; elbow?: number; twist?: number },
  ): this {
    const { lower = 0, swing = 0, elbow = 0, twist = 0 } = angles;
    const s = sign(side);
    // The collar bone takes a part of it, as the shoulder blade does in the body.
    const collar = lower > 0 ? Math.min(8, 0.1 * lower) : Math.max(-20, 0.3 * lower);
    return this.turn(`${side}_collar`, "z", -s * collar)
      .turn(`${side}_shoulder`, "x", -twist)
      .turn(`${side}_shoulder`, "z", -s * (lower - collar))
      .turn(`${side}_shoulder`, "x", -swing)
      .turn(`${side}_elbow`, "y", -s * elbow);
  }

  /** Spreads a bend of the trunk over its three joints: forward lean, turn to the left, tilt to the left. */
  trunk(angles: { lean?: number; turn?: number; tilt?: number }): this {
    for (const joint of ["spine1", "spine2", "spine3"] as const) {
      this.turn(joint, "x", (angles.lean ?? 0) / 3);
      this.turn(joint, "y", (angles.turn ?? 0) / 3);
      this.turn(joint, "z", -(angles.tilt ?? 0) / 3);
    }
    return this;
  }

  /** [72] axis-angle. */
  toPose(): Float32Array {
    return Float32Array.from(this.#turns.flatMap(toAxisAngle));
  }
}

/** What varies from person to person. */
export interface MoveStyle {
  /** About 1: how wide the movement is. */
  readonly amplitude: number;
  /** The arm or leg that leads. */
  readonly lead: Side;
  /** Five more numbers in −1 … 1 that a movement may use as it likes. */
  readonly taste: readonly number[];
}

/** One moment of a movement. */
export interface Moment {
  readonly sketch: PoseSketch;
  /** Height of the lowest point of the feet over the floor, metres; 0 is contact. */
  readonly clearance?: number;
  /** Metres by which the body moves aside (left +) and forward of its stand. */
  readonly shift?: readonly [number, number];
}

/** A built-in movement. */
export interface Move {
  /** Seconds of one cycle at tempo 1. */
  readonly period: number;
  /** Phases, in cycles, at which a clip may begin. */
  readonly starts: readonly [number, number];
  /** How the feet are held: planted under the body, or travelling with it. */
  readonly feet: "planted" | "travelling" | "free";
  /** Degrees turned to the left in one cycle. */
  readonly turnPerCycle?: number;
  /** The body at a phase; the fractional part is the place in the cycle. */
  moment(phase: number, style: MoveStyle): Moment;
}

/** A smooth periodic bump: 1 at `centre`, e^−½ at one `width` from it; both in cycles. */
export function bump(phase: number, centre: number, width: number): number {
  const away = phase - centre - Math.round(phase - centre);
  return Math.exp(-0.5 * (away / width) ** 2);
}

/** cos of a phase in cycles, 1 at `peak`. */
export function wave(phase: number, peak = 0): number {
  return Math.cos(2 * Math.PI * (phase - peak));
}

/** Rises smoothly from 0 to 1 while `x` goes from `from` to `to`. */
export function ease(x: number, from: number, to: number): number {
  const t = Math.max(0, Math.min(1, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
