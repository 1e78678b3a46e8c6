/**
 * Walking, running and turning on the spot.
 *
 * Hip, knee and ankle curves follow the shape of normal gait (Winter 1991, The Biomechanics and Motor
 * Control of Human Gait; Novacheck 1998 for running): phase 0 is the leg's heel strike.
 * @module
 */

import {
  bump,
  type Move,
  type MoveStyle,
  PoseSketch,
  type Side,
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

function walk(phase: number, { amplitude, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  for (const side of SIDES) {
    const p = legPhase(side, phase);
    sketch.leg(side, {
      hip: 8 + 21 * amplitude * wave(p, 0.94),
      knee: 5 + 13 * bump(p, 0.14, 0.07) + 54 * Math.sqrt(amplitude) * bump(p, 0.73, 0.095),
      ankle: 4 * bump(p, 0.08, 0.04) - 8 * bump(p, 0.43, 0.1) + 17 * bump(p, 0.62, 0.06) - 3,
      apart: -3.5 + taste[0],
    });
    const swing = wave(p, 0.47); // an arm goes with the other side's leg
    sketch.arm(side, {
      lower: 76 + 4 * taste[1],
      swing: 3 + (19 + 6 * taste[2]) * amplitude * swing,
      elbow: 20 + 6 * taste[3] + 12 * Math.max(0, swing),
    });
  }
  counterTurn(sketch, phase, 5 * amplitude, 6 * amplitude);
  // The pelvis drops a little to the side of the swinging leg.
  sketch.turn("pelvis", "z", 2.5 * wave(phase, 0.2)).trunk({
    lean: 3 + 2 * taste[4],
    tilt: 2.5 * wave(phase, 0.2),
  });
  return { sketch, shift: [0.018 * wave(phase, 0.25), 0] as const };
}

function run(phase: number, { amplitude, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  for (const side of SIDES) {
    const p = legPhase(side, phase);
    sketch.leg(side, {
      hip: 18 + 36 * amplitude * wave(p, 0.84),
      knee: 14 + 26 * bump(p, 0.14, 0.08) + 82 * amplitude * bump(p, 0.64, 0.12),
      ankle: -10 * bump(p, 0.16, 0.09) + 22 * bump(p, 0.4, 0.08),
      apart: -4,
    });
    sketch.arm(side, {
      lower: 72 + 4 * taste[1],
      swing: -4 + (34 + 6 * taste[2]) * amplitude * wave(p, 0.42),
      elbow: 88 + 8 * taste[3],
    });
  }
  counterTurn(sketch, phase, 7 * amplitude, 9 * amplitude);
  sketch.turn("pelvis", "x", 5).trunk({ lean: 7 + 3 * taste[4] }).turn("neck", "x", -7);
  // Both feet leave the floor twice a cycle, after each toe-off.
  const flight = Math.max(0, wave(2 * phase, 0.9));
  return { sketch, clearance: 0.06 * amplitude * flight };
}

function turnAround(phase: number, { amplitude, taste }: MoveStyle) {
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
  sketch.turn("neck", "y", 14).trunk({ turn: 10, lean: 2 });
  sketch.trunk({ tilt: 3 * wave(phase, 0.5) });
  return { sketch, shift: [0.03 * wave(phase, 0.5), 0] as const };
}

export const GAITS: Record<"walk" | "run" | "turn", Move> = {
  walk: { period: 1.1, starts: [0, 1], feet: "travelling", moment: walk },
  // A run begins on a foot, not in flight.
  run: { period: 0.74, starts: [0.08, 0.22], feet: "travelling", moment: run },
  turn: { period: 1.1, starts: [0, 1], feet: "free", turnPerCycle: 105, moment: turnAround },
};
