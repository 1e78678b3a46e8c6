/**
 * Cameras of synthetic clips: how they move, and from where they keep the person in the picture.
 * @module
 */
import { type Camera, lookAt, projectPoints, type Random, type Vec3 } from "../../geometry/mod.ts";

/** Kinds of camera movement; their order is the number that data sets store. */
export const cameraKinds = ["static", "orbit", "dolly", "pan", "arc", "handheld"] as const;

/** One of {@link cameraKinds}. */
export type CameraKind = typeof cameraKinds[number];

/** What the camera must keep: points of the body in each frame, [n*3] metres. */
export interface Subject {
  /** Some vertices a frame. */
  readonly points: readonly Float32Array[];
  /** Pelvis a frame, [F*3]. */
  readonly centres: Float32Array;
  /** Direction that the person faces in frame 0, radians from +Z towards +X. */
  readonly facing: number;
  /** Largest height, metres. */
  readonly top: number;
}

/** Size of the pictures. */
export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

const ODDS: readonly (readonly [CameraKind, number])[] = [
  ["static", 0.15],
  ["orbit", 0.32],
  ["dolly", 0.12],
  ["pan", 0.1],
  ["arc", 0.18],
  ["handheld", 0.13],
];

/** Share of the half picture that the person may fill. */
const INSIDE = 0.95;
const NEAREST = 1.6;

interface Plan {
  kind: CameraKind;
  fov: number;
  distance: number;
  azimuth: number;
  elevation: number;
  /** Radians, metres and radians over the clip. */
  orbit: number;
  dolly: number;
  pan: number;
  /** Offset of the point that is looked at, in metres: sideways, up. */
  aim: readonly [number, number];
  follow: number;
  shake: (channel: number, t: number) => number;
}

/** What a rig of cameras is asked for. */
export interface RigOptions {
  /** How many cameras film at once; default 1. */
  readonly views?: number;
  /** Kinds of movement that may be drawn; default all. `static` alone follows nobody either. */
  readonly kinds?: readonly CameraKind[];
}

/**
 * Draws cameras that move alike, side by side on an arc or a ring around the people, and that all
 * keep them in the picture. Each has one camera a frame.
 */
export function drawRig(
  random: Random,
  { subject, size }: { subject: Subject; size: PictureSize },
  { views = 1, kinds = cameraKinds }: RigOptions = {},
): { paths: Camera[][]; kind: CameraKind } {
  const plan = drawPlan(random, subject, kinds);
  if (kinds.every((kind) => kind === "static")) plan.follow = 0;
  // Now and then a hand or foot may leave the picture.
  const inside = random.float() < 0.06 ? 1.15 : INSIDE;
  const turns = views > 1 ? drawTurns(random.fork("views"), views) : [0];
  const layOutAll = () =>
    turns.map((turn) => layOut({ ...plan, azimuth: plan.azimuth + turn }, subject, size));
  let paths = layOutAll();
  for (let attempt = 0; attempt < 12; attempt++) {
    const reach = Math.max(
      ...paths.flatMap((path) =>
        path.map((camera, frame) => largestNdc(camera, subject.points[frame]))
      ),
    );
    if (reach <= inside) break;
    plan.distance *= Math.min(1.5, Math.max(1.02, reach / inside));
    paths = layOutAll();
  }
  return { paths, kind: plan.kind };
}

/** Azimuths of the views from their middle: steps of an arc, or of the whole ring. */
function drawTurns(random: Random, views: number): number[] {
  const ring = views > 2 && random.float() < 0.3;
  const step = ring
    ? 2 * Math.PI / views
    : random.range(0.3, Math.min(1.2, 1.2 * Math.PI / (views - 1)));
  return Array.from({ length: views }, (_, view) => (view - (views - 1) / 2) * step);
}

/** A still camera for a reference picture, mostly in front; `azimuth` is relative to the facing. */
export function drawPortraitCamera(random: Random, subject: Subject, size: PictureSize): Camera {
  const anywhere = random.float() < 0.15;
  const azimuth = anywhere
    ? random.range(-Math.PI, Math.PI)
    : Math.max(-1.05, Math.min(1.05, random.normal() * 0.45));
  const plan: Plan = {
    ...drawPlan(random, subject, cameraKinds),
    kind: "static",
    azimuth: subject.facing + azimuth,
    elevation: random.range(-0.03, 0.2),
    orbit: 0,
    dolly: 0,
    pan: 0,
    aim: [0, random.range(-0.04, 0.04)],
    shake: () => 0,
  };
  plan.distance = framingDistance(plan.fov, subject.top, random.range(0.72, 0.92));
  let [camera] = layOut(plan, subject, size);
  for (let attempt = 0; attempt < 12; attempt++) {
    const reach = largestNdc(camera, subject.points[0]);
    if (reach <= INSIDE) break;
    plan.distance *= Math.min(1.5, Math.max(1.02, reach / INSIDE));
    [camera] = layOut(plan, subject, size);
  }
  return camera;
}

function drawPlan(random: Random, subject: Subject, kinds: readonly CameraKind[]): Plan {
  const kind = pickKind(random, kinds);
  const fov = random.range(26, 52);
  const sign = random.float() < 0.5 ? -1 : 1;
  const degrees = (value: number) => value * Math.PI / 180;
  const travel = travelled(subject.centres);
  const turns = kind === "orbit" ? random.range(25, 120) : random.range(20, 70);
  const moves = kind === "dolly" || kind === "arc";
  const waves = Array.from({ length: 5 }, () => ({
    speed: random.range(3, 9),
    phase: random.range(0, 7),
  }));
  const shaky = kind === "handheld" ? 1 : 0;
  return {
    kind,
    fov,
    distance: framingDistance(fov, subject.top, random.range(0.68, 0.95)),
    azimuth: subject.facing +
      (random.float() < 0.65 ? random.normal() * 0.8 : random.range(-Math.PI, Math.PI)),
    elevation: degrees(random.float() < 0.8 ? random.range(-3, 14) : random.range(14, 30)),
    orbit: kind === "orbit" || kind === "arc" ? sign * degrees(turns) : 0,
    dolly: moves ? random.range(0.5, 1.6) * (random.float() < 0.5 ? -1 : 1) : 0,
    pan: kind === "pan" ? sign * degrees(random.range(5, 14)) : 0,
    aim: [random.range(-0.12, 0.12), random.range(-0.06, 0.06)],
    follow: travel > 0.7 ? random.range(0.85, 1) : random.pick([0, 0, 0.5, 1]),
    shake: (channel, t) =>
      shaky * Math.sin(t * waves[channel].speed + waves[channel].phase) *
      (1 + 0.5 * Math.sin(t * waves[channel].speed * 2.3)),
  };
}

function pickKind(random: Random, kinds: readonly CameraKind[]): CameraKind {
  const odds = ODDS.filter(([kind]) => kinds.includes(kind));
  const all = odds.length === ODDS.length;
  let left = random.float() * (all ? 1 : odds.reduce((sum, [, share]) => sum + share, 0));
  for (const [kind, share] of odds) if ((left -= share) < 0) return kind;
  return odds[odds.length - 1][0];
}

function framingDistance(fovDegrees: number, top: number, share: number): number {
  return Math.max(NEAREST, top / share / 2 / Math.tan(fovDegrees * Math.PI / 360));
}

function layOut(plan: Plan, { centres, top }: Subject, size: PictureSize): Camera[] {
  const frames = centres.length / 3;
  const smooth = smoothed(centres);
  const mean = [0, 2].map((axis) => {
    let sum = 0;
    for (let frame = 0; frame < frames; frame++) sum += smooth[frame * 3 + axis];
    return sum / frames;
  });
  return Array.from({ length: frames }, (_, frame) => {
    const t = frames > 1 ? frame / (frames - 1) : 0;
    const seen = Math.max(NEAREST * 0.8, plan.distance + plan.dolly * (t - 0.5));
    const azimuth = plan.azimuth + plan.orbit * (t - 0.5) + 0.02 * plan.shake(0, t);
    const flat = Math.cos(plan.elevation) * seen;
    const x = mean[0] + (smooth[frame * 3] - mean[0]) * plan.follow;
    const z = mean[1] + (smooth[frame * 3 + 2] - mean[1]) * plan.follow;
    const [s, c] = [Math.sin(azimuth), Math.cos(azimuth)];
    const middle = top * 0.5;
    const eye: Vec3 = [
      x + s * flat,
      Math.max(0.25, middle + Math.sin(plan.elevation) * seen + 0.03 * plan.shake(1, t)),
      z + c * flat,
    ];
    const turn = plan.pan * (t - 0.5) + 0.018 * plan.shake(2, t);
    const target: Vec3 = [
      x + c * (plan.aim[0] + Math.tan(turn) * seen),
      middle + plan.aim[1] + 0.018 * plan.shake(3, t) * seen,
      z - s * (plan.aim[0] + Math.tan(turn) * seen),
    ];
    const roll = 0.02 * plan.shake(4, t);
    return lookAt(eye, target, { ...size, fovYDegrees: plan.fov, roll });
  });
}

/** Bobbing and swaying of the pelvis must not shake a camera that follows. */
function smoothed(centres: Float32Array): Float32Array {
  const frames = centres.length / 3;
  const out = new Float32Array(centres.length);
  const radius = 3;
  for (let frame = 0; frame < frames; frame++) {
    for (let axis = 0; axis < 3; axis++) {
      // Symmetric windows keep a straight path straight up to its ends.
      const reach = Math.min(radius, frame, frames - 1 - frame);
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += centres[(frame + k) * 3 + axis];
      out[frame * 3 + axis] = sum / (2 * reach + 1);
    }
  }
  return out;
}

function travelled(centres: Float32Array): number {
  const last = centres.length - 3;
  return Math.hypot(centres[last] - centres[0], centres[last + 2] - centres[2]);
}

function largestNdc(camera: Camera, points: Float32Array): number {
  const { uv, depth } = projectPoints(camera, points);
  let largest = 0;
  for (let i = 0; i < depth.length; i++) {
    if (depth[i] < 0.3) return 10;
    largest = Math.max(
      largest,
      Math.abs(2 * uv[i * 2] / camera.width - 1),
      Math.abs(2 * uv[i * 2 + 1] / camera.height - 1),
    );
  }
  return largest;
}
