/**
 * Cameras of synthetic clips: how they move, and from where they keep the person in the picture.
 * @module
 */
import {
  type BodyPart,
  type Camera,
  coverCamera,
  lookAt,
  projectPoints,
  type Random,
  regionAround,
  type Vec3,
} from "../../geometry/mod.ts";
import { isBetween, isTooNear, largestNdc } from "./clearance.ts";
import { cameraLimits } from "./framing.ts";

/** Kinds of camera movement; their order is the number that data sets store. */
export const cameraKinds = ["static", "orbit", "dolly", "pan", "arc", "handheld"] as const;

/** One of {@link cameraKinds}. */
export type CameraKind = typeof cameraKinds[number];

/** What the camera must keep: points of the body in each frame, [n*3] metres. */
export interface Subject {
  /** Some vertices a frame. */
  readonly points: readonly Float32Array[];
  /** Pelvis a frame, or the middle of the part, [F*3]. */
  readonly centres: Float32Array;
  /** Direction that the person faces in frame 0, radians from +Z towards +X; that of a part on average. */
  readonly facing: number;
  /** Largest height, metres. */
  readonly top: number;
  /** What of the person it is; default all. */
  readonly part?: PartOfPerson;
}

/** What cameras know of a part besides. */
export interface PartOfPerson {
  readonly name: Exclude<BodyPart, "full">;
  /** Its height, metres. */
  readonly extent: number;
  /** Points of the whole person and of everybody else a frame, which no camera comes near. */
  readonly own: readonly Float32Array[];
  readonly others: readonly Float32Array[];
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
/** Height of the person that lengths below are meant for, metres. */
const USUAL = 1.7;
/** How far a camera goes on around the person when somebody stands in the way, radians. */
const ASIDE = 0.5;

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
  for (let attempt = 0; attempt < (subject.part ? 24 : 12); attempt++) {
    if (subject.part && attempt < 12 && isHidden(paths, subject)) {
      plan.azimuth += ASIDE;
      paths = layOutAll();
      continue;
    }
    const reach = Math.max(
      ...paths.flatMap((path) =>
        path.map((camera, frame) =>
          isTooNear(camera, subject.part?.own[frame])
            ? 1.15 * inside
            : largestNdc(camera, subject.points[frame])
        )
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

/**
 * A still camera for a reference picture, mostly in front. With a part the picture of the whole person
 * is cut to it, as a photograph is that a video of the part starts from.
 */
export function drawPortraitCamera(
  random: Random,
  { subject, part }: { subject: Subject; part?: Subject },
  size: PictureSize,
): Camera {
  const anywhere = random.float() < cameraLimits[part?.part?.name ?? "full"].anywhere;
  const azimuth = anywhere
    ? random.range(-Math.PI, Math.PI)
    : Math.max(-1.05, Math.min(1.05, random.normal() * 0.45));
  const plan: Plan = {
    ...drawPlan(random, subject, cameraKinds),
    kind: "static",
    azimuth: (part ?? subject).facing + azimuth,
    elevation: random.range(-0.03, 0.2),
    orbit: 0,
    dolly: 0,
    pan: 0,
    aim: [0, random.range(-0.04, 0.04)],
    shake: () => 0,
  };
  plan.distance = framingDistance(plan.fov, subject, random.range(0.72, 0.92));
  let [camera] = layOut(plan, subject, size);
  for (let attempt = 0; attempt < 12; attempt++) {
    const reach = largestNdc(camera, subject.points[0]);
    if (reach <= INSIDE) break;
    plan.distance *= Math.min(1.5, Math.max(1.02, reach / INSIDE));
    [camera] = layOut(plan, subject, size);
  }
  return part ? cutTo(camera, part.points[0], random.range(0.08, 0.25)) : camera;
}

/** The camera of the picture's region around the points, scaled to the picture's size. */
function cutTo(camera: Camera, points: Float32Array, margin: number): Camera {
  const { width, height, cx, cy } = camera;
  const { uv } = projectPoints(camera, points);
  const { x, y, ...size } = regionAround(uv, { shape: width / height, margin });
  return coverCamera({ ...camera, ...size, cx: cx - x, cy: cy - y }, { width, height });
}

function drawPlan(random: Random, subject: Subject, kinds: readonly CameraKind[]): Plan {
  const kind = pickKind(random, kinds);
  const fov = random.range(26, 52);
  const sign = random.float() < 0.5 ? -1 : 1;
  const degrees = (value: number) => value * Math.PI / 180;
  const limits = cameraLimits[subject.part?.name ?? "full"];
  const scale = (subject.part?.extent ?? USUAL) / USUAL;
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
    distance: framingDistance(fov, subject, random.range(...limits.fills)),
    azimuth: subject.facing +
      (random.float() < limits.front[0]
        ? random.normal() * limits.front[1]
        : random.range(-Math.PI, Math.PI)),
    elevation: degrees(random.float() < 0.8 ? random.range(-3, 14) : random.range(14, 30)),
    orbit: kind === "orbit" || kind === "arc" ? sign * degrees(turns) : 0,
    dolly: moves ? scale * random.range(0.5, 1.6) * (random.float() < 0.5 ? -1 : 1) : 0,
    pan: kind === "pan" ? sign * degrees(random.range(5, 14)) : 0,
    aim: [scale * random.range(-0.12, 0.12), scale * random.range(-0.06, 0.06)],
    follow: drawFollow(random, subject),
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

/** What goes far is followed; a part, which fills more of the picture, more closely. */
function drawFollow(random: Random, { centres, part }: Subject): number {
  const far = part ? 0.25 * part.extent : 0.7;
  const least = part ? 0.94 : 0.85;
  return travelled(centres, part !== undefined) > far
    ? random.range(least, 1)
    : random.pick([0, 0, 0.5, 1]);
}

function framingDistance(fovDegrees: number, { top, part }: Subject, share: number): number {
  const { nearest } = cameraLimits[part?.name ?? "full"];
  const height = part?.extent ?? top;
  return Math.max(nearest, height / share / 2 / Math.tan(fovDegrees * Math.PI / 360));
}

function layOut(plan: Plan, { centres, top, part }: Subject, size: PictureSize): Camera[] {
  const frames = centres.length / 3;
  const { nearest } = cameraLimits[part?.name ?? "full"];
  const scale = (part?.extent ?? USUAL) / USUAL;
  const smooth = smoothed(centres);
  const mean = [0, 1, 2].map((axis) => {
    let sum = 0;
    for (let frame = 0; frame < frames; frame++) sum += smooth[frame * 3 + axis];
    return sum / frames;
  });
  return Array.from({ length: frames }, (_, frame) => {
    const t = frames > 1 ? frame / (frames - 1) : 0;
    const seen = Math.max(nearest * 0.8, plan.distance + plan.dolly * (t - 0.5));
    const azimuth = plan.azimuth + plan.orbit * (t - 0.5) + 0.02 * plan.shake(0, t);
    const flat = Math.cos(plan.elevation) * seen;
    const x = mean[0] + (smooth[frame * 3] - mean[0]) * plan.follow;
    const z = mean[2] + (smooth[frame * 3 + 2] - mean[2]) * plan.follow;
    const [s, c] = [Math.sin(azimuth), Math.cos(azimuth)];
    const middle = part ? mean[1] + (smooth[frame * 3 + 1] - mean[1]) * plan.follow : top * 0.5;
    const eye: Vec3 = [
      x + s * flat,
      Math.max(0.25, middle + Math.sin(plan.elevation) * seen + 0.03 * scale * plan.shake(1, t)),
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

/** How far the last frame is from the first over the floor; or the farthest, in any direction. */
function travelled(centres: Float32Array, anyFrame: boolean): number {
  const last = centres.length - 3;
  if (!anyFrame) return Math.hypot(centres[last] - centres[0], centres[last + 2] - centres[2]);
  let farthest = 0;
  for (let i = 3; i <= last; i += 3) {
    const away = [0, 1, 2].map((axis) => centres[i + axis] - centres[axis]);
    farthest = Math.max(farthest, Math.hypot(...away));
  }
  return farthest;
}

/** Whether somebody else is near a camera or between it and the part in a quarter of the pictures. */
function isHidden(paths: readonly Camera[][], { centres, part }: Subject): boolean {
  return paths.some((path) => {
    const hidden = path.filter((camera, frame) =>
      part!.others[frame] &&
      isBetween(part!.others[frame], camera, centres.subarray(frame * 3))
    );
    return hidden.length > path.length / 4;
  });
}
