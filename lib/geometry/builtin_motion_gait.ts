/**
 * Walking, running and turning on the spot.
 *
 * Times and angles follow normal gait (Winter 1991, The Biomechanics and Motor Control of Human Gait;
 * Novacheck 1998 for running): phase 0 is the left leg's heel strike.
 * @module
 */

import { footPlace, reach, soleHeight, type StepPlan } from "./builtin_motion_steps.ts";
import {
  bump,
  type Move,
  type MoveStyle,
  PoseSketch,
  type Side,
  sign,
  wave,
} from "./builtin_motion_sketch.ts";

const SIDES: readonly Side[] = ["left", "right"];

const legPhase = (side: Side, phase: number) => side === "left" ? phase : phase + 0.5;

/** Trunk and pelvis go with the legs: the pelvis turns to the leg in front, the shoulders against it. */
function counterTurn(sketch: PoseSketch, phase: number, pelvis: number, shoulders: number): void {
  const left = wave(phase, 0); // 1 when the left foot is in front
  sketch.turn("pelvis", "y", -pelvis * left);
  sketch.trunk({ turn: (pelvis + shoulders) * left });
  sketch.turn("neck", "y", -shoulders * left);
}

/** Wider steps for larger amplitudes; times of normal walking. */
const walkPlan = (amplitude: number): StepPlan => ({
  stride: 1.16 * amplitude,
  toeOff: 0.62,
  under: 0.29,
  pitch: [-20, 52],
  heelRise: 0.36,
  lift: [0.035, 0.4],
});

/** Both feet are in the air between 0.34 and 0.5, and again half a cycle later. */
const runPlan = (amplitude: number): StepPlan => ({
  stride: 2.1 * amplitude,
  toeOff: 0.34,
  under: 0.13,
  pitch: [-6, 55],
  heelRise: 0.14,
  lift: [0.14 + 0.1 * amplitude, 0.42],
});

function walk(phase: number, { amplitude, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  const plan = walkPlan(amplitude);
  // The hips are highest over the standing foot and lowest when both feet are on the floor.
  const hips = 0.858 - 0.024 * amplitude ** 2 * (1 - wave(2 * phase, 0.6));
  for (const side of SIDES) {
    const p = legPhase(side, phase);
    sketch.leg(side, { ...reach(footPlace(plan, p), hips), apart: -3.5 + taste[0] });
    const swing = wave(p, 0.47); // an arm goes with the other side's leg
    sketch.arm(side, {
      lower: 76 + 4 * taste[1],
      swing: 3 + (19 + 6 * taste[2]) * amplitude * swing,
      elbow: 20 + 6 * taste[3] + 12 * Math.max(0, swing),
    });
  }
  counterTurn(sketch, phase, 4 * amplitude, 7 * amplitude);
  // The pelvis drops a little to the side of the swinging leg.
  const drop = 2.5 * wave(phase, 0.2);
  sketch.turn("pelvis", "z", drop).trunk({ lean: 3 + 2 * taste[4], tilt: drop });
  return { sketch, shift: [0.018 * wave(phase, 0.25), 0] as const };
}

function run(phase: number, { amplitude, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  const plan = runPlan(amplitude);
  const hips = 0.815 + 0.03 * amplitude * wave(2 * phase, 0.84);
  let clearance = Infinity;
  for (const side of SIDES) {
    const p = legPhase(side, phase);
    const foot = footPlace(plan, p);
    clearance = Math.min(clearance, soleHeight(foot));
    sketch.leg(side, { ...reach(foot, hips), apart: -4 });
    sketch.arm(side, {
      lower: 72 + 4 * taste[1],
      swing: -4 + (34 + 6 * taste[2]) * amplitude * wave(p, 0.42),
      elbow: 88 + 8 * taste[3],
    });
  }
  counterTurn(sketch, phase, 5 * amplitude, 11 * amplitude);
  sketch.trunk({ lean: 12 + 3 * taste[4] }).turn("neck", "x", -7);
  return { sketch, clearance: Math.max(0, clearance) };
}

function turnAround(phase: number, { amplitude, lead, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  for (const side of SIDES) {
    const lift = bump(legPhase(side, phase), 0.5, 0.11);
    sketch.leg(side, {
      hip: 4 + 20 * amplitude * lift,
      knee: 8 + 38 * amplitude * lift,
      ankle: -4 + 12 * lift,
      apart: -2,
    });
    sketch.arm(side, {
      lower: 62 + 8 * taste[0] - 8 * lift,
      swing: 4 + 8 * wave(phase, side === "left" ? 0 : 0.5),
      elbow: 22 + 8 * taste[1],
    });
  }
  // Head and shoulders lead the turn.
  sketch.turn("neck", "y", 14 * sign(lead)).trunk({ turn: 10 * sign(lead), lean: 2 });
  sketch.trunk({ tilt: 3 * wave(phase, 0.5) });
  return { sketch, shift: [0.03 * wave(phase, 0.5), 0] as const };
}

/** Gaits by name. */
export const GAITS: Record<"walk" | "run" | "turn", Move> = {
  walk: { period: 1.1, starts: [0, 1], feet: "travelling", moment: walk },
  // A run begins on a foot, not in flight.
  run: { period: 0.74, starts: [0.08, 0.22], feet: "travelling", moment: run },
  turn: { period: 1.1, starts: [0, 1], feet: "free", turnPerCycle: 105, moment: turnAround },
};
