/**
 * Whether a motion is one that a body can do: no jumps, feet that stand still, a floor that carries.
 * @module
 */
import type { FrameFacts } from "./facts.ts";
import { describeFrames, personName, type PreviewWarning, rangesWhere } from "./warnings.ts";

/** No joint of a person without a bat or ball moves faster: a sprinter's foot does 20 m/s. */
const TOP_SPEED = 22;

/** The fastest sprint was run at 12.4 m/s, and nothing moves the pelvis faster. */
const TOP_PELVIS_SPEED = 12.5;

/**
 * A joint that for a frame or two moves this many times as fast as in all of the second around, and
 * faster than so many metres a second, jumps: real movements speed up over several frames.
 */
const SPIKE_FACTOR = 3;
const SPIKE_SPEED = 6;

/** Below this many frames a second a quick gesture is over in one frame; hands and feet may be faster then. */
const GESTURE_FPS = 20;

/** SMPL's ankles and feet. */
const FEET = [{ ankle: 7, toe: 10 }, { ankle: 8, toe: 11 }] as const;

/** A toe joint lies 2.4 cm over the floor that its foot stands on; the rest is room for soft motion capture. */
const TOE_CONTACT = 0.05;
/** The same of the ankle, 6.7 cm: both low means that the sole is flat on the floor. */
const ANKLE_CONTACT = 0.11;

/** Motion capture jitters by a centimetre or two a second; from this speed on, metres a second, one sees it. */
const SLIDE_SPEED = 0.3;

/** Metres of sliding, all added, that are let pass: the scuff of one step. */
const SLIDE_ALLOWED = 0.15;

/**
 * Mean speed of feet on the floor that is let pass: metres a second, or a share of the body's own pace,
 * since a runner's foot rolls. What glides over the floor does so at all of its pace.
 */
const MEAN_SLIDE_ALLOWED = 0.3;
const SLIDE_OF_PACE = 0.3;

/** Metres below the floor that soles and shoes may sink: less is not seen at any usual framing. */
const SINK_ALLOWED = 0.06;

/** Metres over the floor that count as off it, and seconds that no jump lasts. */
const OFF_FLOOR = 0.06;
const LONGEST_JUMP_SECONDS = 0.9;

/** What the checks are told besides the facts. */
export interface MotionChecks {
  readonly fps: number;
  /** Which persons stand on y = 0; nothing is known of the floor of the others. */
  readonly onFloor: readonly boolean[];
}

/** Findings about the motions; facts are [persons][frames]. */
export function checkMotions(
  facts: readonly (readonly FrameFacts[])[],
  { fps, onFloor }: MotionChecks,
): PreviewWarning[] {
  return facts.flatMap((track, index) => {
    const options = { fps, index, name: personName(index, facts.length) };
    return [
      ...jumps(track, options),
      ...(onFloor[index] ? [...sliding(track, options), ...floor(track, options)] : []),
    ];
  });
}

interface Named {
  readonly fps: number;
  readonly index: number;
  readonly name: string;
}

/** Metres a second of a joint from each frame to the next, [frames − 1]. */
function speeds(track: readonly FrameFacts[], joint: number, fps: number): number[] {
  return track.slice(1).map(({ joints }, frame) => {
    const before = track[frame].joints;
    const [x, y, z] = [0, 1, 2].map((axis) => joints[joint * 3 + axis] - before[joint * 3 + axis]);
    return Math.hypot(x, y, z) * fps;
  });
}

function jumps(track: readonly FrameFacts[], { fps, index, name }: Named): PreviewWarning[] {
  const reach = Math.max(4, Math.round(fps));
  const jumping = new Set<number>();
  let value = 0;
  for (let joint = 0; joint < track[0].joints.length / 3; joint++) {
    const all = speeds(track, joint, fps);
    const top = joint === 0 ? TOP_PELVIS_SPEED : TOP_SPEED;
    const quick = joint === 0 ? SPIKE_SPEED : SPIKE_SPEED * Math.max(1, GESTURE_FPS / fps);
    for (const [frame, speed] of all.entries()) {
      if (speed < quick) continue;
      // The third largest around: a glitch of one frame is two large steps, there and back.
      const around = all.slice(Math.max(0, frame - reach), frame + reach + 1).sort((a, b) => b - a);
      if (speed <= top && speed < SPIKE_FACTOR * (around[2] ?? 0)) continue;
      jumping.add(frame + 1);
      value = Math.max(value, speed);
    }
  }
  if (jumping.size === 0) return [];
  const frames = rangesWhere(track.length, (frame) => jumping.has(frame));
  return [{
    kind: "motion_jump",
    person: index + 1,
    frames,
    value,
    limit: SPIKE_SPEED,
    message: `the motion of ${name} jumps at ${describeFrames(frames)}, by up to ${
      (value / fps).toFixed(2)
    } m in one frame: cut it there, or smooth it`,
  }];
}

function sliding(track: readonly FrameFacts[], { fps, index, name }: Named): PreviewWarning[] {
  const slides = track.map(() => 0);
  let contacts = 0;
  for (const { ankle, toe } of FEET) {
    const flat = track.map(({ joints }) =>
      joints[toe * 3 + 1] < TOE_CONTACT && joints[ankle * 3 + 1] < ANKLE_CONTACT
    );
    for (let frame = 1; frame < track.length; frame++) {
      if (!flat[frame - 1] || !flat[frame]) continue;
      contacts++;
      // A foot that turns about its heel or its toe does not slide.
      const way = Math.min(
        ...[ankle, toe].map((joint) =>
          floorWay(track[frame - 1].joints, track[frame].joints, joint)
        ),
      );
      if (way * fps > SLIDE_SPEED) slides[frame] += way;
    }
  }
  const value = slides.reduce((sum, way) => sum + way, 0);
  const mean = value * fps / Math.max(1, contacts);
  const pelvis = speeds(track, 0, fps).reduce((sum, speed) => sum + speed, 0) / (track.length - 1);
  const allowed = Math.max(MEAN_SLIDE_ALLOWED, SLIDE_OF_PACE * pelvis);
  if (value <= SLIDE_ALLOWED || mean <= allowed) return [];
  const frames = rangesWhere(track.length, (frame) => slides[frame] > 0);
  return [{
    kind: "foot_sliding",
    person: index + 1,
    frames,
    value,
    limit: SLIDE_ALLOWED,
    message: `the feet of ${name} slide ${value.toFixed(2)} m over the floor in ${
      describeFrames(frames)
    }: the motion's translation does not go with its steps`,
  }];
}

function floorWay(before: Float32Array, after: Float32Array, joint: number): number {
  return Math.hypot(
    after[joint * 3] - before[joint * 3],
    after[joint * 3 + 2] - before[joint * 3 + 2],
  );
}

function floor(track: readonly FrameFacts[], { fps, index, name }: Named): PreviewWarning[] {
  const warnings: PreviewWarning[] = [];
  const deepest = Math.min(...track.map(({ lowest }) => lowest));
  if (deepest < -SINK_ALLOWED) {
    const frames = rangesWhere(track.length, (frame) => track[frame].lowest < -SINK_ALLOWED);
    warnings.push({
      kind: "below_floor",
      person: index + 1,
      frames,
      value: -deepest,
      limit: SINK_ALLOWED,
      message: `${name} sinks up to ${(-deepest).toFixed(2)} m into the floor in ${
        describeFrames(frames)
      }: raise the motion by --offset 0,${(-deepest).toFixed(2)},0`,
    });
  }
  const longest = Math.max(2, Math.floor(LONGEST_JUMP_SECONDS * fps));
  const frames = rangesWhere(track.length, (frame) => track[frame].lowest > OFF_FLOOR)
    .filter(([first, last]) => last - first + 1 > Math.min(longest, track.length - 1));
  if (frames.length > 0) {
    const lows = frames.flatMap(([a, b]) => track.slice(a, b + 1)).map(({ lowest }) => lowest);
    const value = Math.min(...lows);
    warnings.push({
      kind: "floating",
      person: index + 1,
      frames,
      value,
      limit: OFF_FLOOR,
      message: `${name} floats at least ${value.toFixed(2)} m over the floor in ${
        describeFrames(frames)
      }: lower the motion by --offset 0,-${value.toFixed(2)},0`,
    });
  }
  return warnings;
}
