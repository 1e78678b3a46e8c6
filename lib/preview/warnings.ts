/**
 * What a preview warns of.
 * @module
 */

/** First and last frame of a stretch, both belonging to it. */
export type FrameRange = readonly [first: number, last: number];

/** Names of the findings, for programs. */
export type WarningKind =
  | "out_of_frame"
  | "partly_out_of_frame"
  | "behind_camera"
  | "camera_in_body"
  | "person_small"
  | "scale_mismatch"
  | "body_height"
  | "reference_pose"
  | "reference_small"
  | "motion_jump"
  | "foot_sliding"
  | "floating"
  | "below_floor";

/** One finding. */
export interface PreviewWarning {
  /** What is wrong. */
  readonly kind: WarningKind;
  /** One line that says what was found and what would mend it. */
  readonly message: string;
  /** Which person, from 1. */
  readonly person?: number;
  /** Which view of a grid, from 0. */
  readonly view?: number;
  /** Where in the video; absent where it concerns all of it. */
  readonly frames?: readonly FrameRange[];
  /** What was measured. */
  readonly value?: number;
  /** From where on it is warned. */
  readonly limit?: number;
}

/** Stretches of frames for which `test` holds. */
export function rangesWhere(count: number, test: (frame: number) => boolean): FrameRange[] {
  const ranges: [number, number][] = [];
  for (let frame = 0; frame < count; frame++) {
    if (!test(frame)) continue;
    const last = ranges.at(-1);
    if (last && last[1] === frame - 1) last[1] = frame;
    else ranges.push([frame, frame]);
  }
  return ranges;
}

/** Ranges in words, the first few: `frame 4`, `frames 0–6, 9, 12–16`. */
export function describeFrames(ranges: readonly FrameRange[]): string {
  const MOST = 4;
  const parts = ranges.slice(0, MOST).map(([a, b]) => a === b ? `${a}` : `${a}–${b}`);
  const rest = ranges.length > MOST ? ` and ${ranges.length - MOST} more stretches` : "";
  const one = ranges.length === 1 && ranges[0][0] === ranges[0][1];
  return `${one ? "frame" : "frames"} ${parts.join(", ")}${rest}`;
}

/** A share as a whole percentage. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `person 2` where there are several, `the person` where there is one. */
export function personName(index: number, persons: number): string {
  return persons === 1 ? "the person" : `person ${index + 1}`;
}
