/**
 * Movements on the spot: wave, squat, jump, dance.
 * @module
 */

import {
  bump,
  ease,
  type Move,
  type MoveStyle,
  PoseSketch,
  type Side,
  sign,
  wave,
} from "./builtin_motion_sketch.ts";

const SIDES: readonly Side[] = ["left", "right"];

const other = (side: Side): Side => side === "left" ? "right" : "left";
const fraction = (x: number) => x - Math.floor(x);

/** Both legs bent by `depth` (0 … 1) with the soles flat on the floor, the trunk kept over them. */
function crouch(sketch: PoseSketch, depth: number, apart: number): void {
  const pitch = 24 * depth, hip = 98 * depth, knee = 108 * depth;
  sketch.turn("pelvis", "x", pitch).trunk({ lean: 12 * depth }).turn("neck", "x", -22 * depth);
  for (const side of SIDES) {
    // The sole stays level when all turns about X along the leg add up to none.
    sketch.leg(side, { hip, knee, ankle: hip - knee - pitch, apart });
  }
}

function waveHand(phase: number, { amplitude, lead, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  const weight = 0.5 * wave(phase / 4) + 0.4 * taste[0];
  for (const side of SIDES) {
    const relaxed = Math.max(0, -weight * sign(side));
    sketch.leg(side, { hip: 6 * relaxed, knee: 12 * relaxed, ankle: -6 * relaxed, apart: -2.5 });
  }
  sketch.arm(other(lead), {
    lower: 77,
    swing: 2 + 3 * wave(phase / 4, 0.2),
    elbow: 16 + 6 * taste[1],
  });
  const to = wave(phase);
  sketch.arm(lead, {
    lower: -14 - 14 * taste[2] - 5 * to,
    swing: 8,
    twist: 78,
    elbow: 72 + 12 * taste[3] + 22 * amplitude * to,
  });
  sketch.turn(`${lead}_wrist`, "y", -sign(lead) * 10 * to);
  sketch.trunk({ tilt: -sign(lead) * (3 + 2 * to), turn: 4 * wave(phase / 4, 0.3), lean: 1 });
  sketch.turn("head", "z", sign(lead) * 4).turn("neck", "y", 5 * wave(phase / 5, 0.1));
  return { sketch, shift: [0.025 * weight, 0] as const };
}

function squat(phase: number, { amplitude, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  const depth = Math.min(1, 0.86 * amplitude) * (0.5 - 0.5 * wave(phase)) ** 1.2;
  crouch(sketch, depth, 4 + 2 * taste[0]);
  for (const side of SIDES) {
    sketch.arm(side, {
      lower: 77,
      swing: 4 + (84 + 8 * taste[1]) * ease(depth, 0, 0.8),
      elbow: 12 + 8 * taste[2],
    });
  }
  return { sketch };
}

/** Times of a jump in its cycle. */
const TAKE_OFF = 0.42, LANDING = 0.64;

function jump(phase: number, { amplitude, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  const p = fraction(phase);
  const inAir = p > TAKE_OFF && p < LANDING;
  const flight = inAir ? (p - TAKE_OFF) / (LANDING - TAKE_OFF) : 0;
  const before = ease(p, 0.08, 0.27) * (1 - ease(p, 0.29, TAKE_OFF));
  const after = ease(p, LANDING - 0.03, 0.74) * (1 - ease(p, 0.77, 0.97));
  const tuck = 0.16 * Math.sin(Math.PI * flight);
  crouch(sketch, Math.min(0.8, 0.6 * amplitude * before + 0.48 * amplitude * after + tuck), 0);
  const toes = ease(p, 0.37, TAKE_OFF) * (1 - ease(p, LANDING - 0.06, LANDING + 0.02));
  const back = bump(p, 0.26, 0.07);
  const up = ease(p, 0.3, 0.45) * (1 - ease(p, 0.56, 0.76));
  for (const side of SIDES) {
    sketch.turn(`${side}_ankle`, "x", 30 * toes);
    sketch.arm(side, {
      lower: 76 - 10 * up,
      swing: 6 - 45 * back + (135 + 15 * taste[0]) * up,
      elbow: 14 + 18 * back + 10 * taste[1],
    });
  }
  // A parabola, as everything that flies: 1.6 s a cycle leave 0.35 s in the air, so 15 cm.
  return { sketch, clearance: 0.15 * amplitude * 4 * flight * (1 - flight) };
}

function dance(phase: number, { amplitude, lead, taste }: MoveStyle) {
  const sketch = new PoseSketch();
  const sway = wave(phase / 2); // one beat a cycle, one sway in two beats
  const beat = 0.5 - 0.5 * wave(phase);
  for (const side of SIDES) {
    const free = Math.max(0, -sway * sign(side));
    const bend = 0.1 + 0.16 * beat * amplitude + 0.22 * free * amplitude;
    sketch.leg(side, {
      hip: 62 * bend,
      knee: 104 * bend,
      ankle: -42 * bend + 20 * free,
      apart: 3 + 2 * taste[0],
    });
    const raised = side === lead ? wave(phase / 4, 0.1) : wave(phase / 4, 0.6);
    sketch.arm(side, {
      lower: 30 - 45 * amplitude * raised,
      swing: 22 + 14 * wave(phase / 2, side === "left" ? 0.1 : 0.6),
      twist: 20 + 50 * ease(raised, -0.4, 1),
      elbow: 66 + 12 * taste[1] + 22 * wave(phase, side === "left" ? 0.2 : 0.7),
    });
  }
  sketch.turn("pelvis", "z", -5 * amplitude * sway).turn(
    "pelvis",
    "y",
    10 * amplitude * wave(phase / 2, 0.3),
  );
  sketch.trunk({
    tilt: -9 * amplitude * sway,
    turn: -16 * amplitude * wave(phase / 2, 0.3),
    lean: 4,
  });
  sketch.turn("neck", "x", 5 * beat).turn("head", "z", 5 * sway);
  return { sketch, shift: [0.05 * amplitude * sway, 0] as const };
}

export const MOVES: Record<"wave" | "squat" | "jump" | "dance", Move> = {
  wave: { period: 0.62, starts: [0, 4], feet: "planted", moment: waveHand },
  squat: { period: 2.2, starts: [0, 1], feet: "planted", moment: squat },
  jump: { period: 1.6, starts: [-0.05, 0.3], feet: "planted", moment: jump },
  dance: { period: 0.52, starts: [0, 4], feet: "planted", moment: dance },
};
